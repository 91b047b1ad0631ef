#include <CLI/CLI.hpp>

#include <iostream>

#include "app/commands.h"
#include "base/error.h"

namespace citadel::app {
namespace {

constexpr int kUsage = 2;

// The options of one subcommand, bound to the table of settings.
class Options {
  public:
    Options(CLI::App* command, const std::vector<const char*>& envs) {
        command->add_option("--config", config_file_, "settings in TOML; flag beats environment beats file")
            ->envname("CITADEL_CONFIG");
        for (const char* env : envs) {
            const auto& setting = FindSetting(env);
            auto help = std::string(setting.help) + " [" + setting.env +
                        (*setting.initial ? std::string(", default ") + setting.initial : "") + "]";
            if (setting.is_switch) command->add_flag(setting.flag, switches_[env], help);
            else command->add_option(setting.flag, texts_[env], help);
        }
        command_ = command;
    }

    Config Read() const {
        Values flags;
        for (const auto& [env, text] : texts_) {
            if (command_->count(FindSetting(env).flag) > 0) flags[env] = text;
        }
        for (const auto& [env, on] : switches_) {
            if (on) flags[env] = "true";
        }
        return ReadConfig(Resolve(flags, config_file_));
    }

  private:
    CLI::App* command_ = nullptr;
    std::string config_file_;
    std::map<std::string, std::string> texts_;
    std::map<std::string, bool> switches_;
};

std::vector<const char*> With(std::vector<const char*> more) {
    std::vector<const char*> all = {"DATABASE_URL", "CITADEL_DATA_DIR", "LOG_LEVEL",
                                    "LOG_FORMAT",   "CITADEL_CLOCK",    "CITADEL_STATEMENTS"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

const char* kSecretsHelp =
    "Secrets come from the environment or the --config file, never from flags: STRIPE_SECRET_KEY, "
    "STRIPE_WEBHOOK_SECRET, CLERK_WEBHOOK_SECRET, ENCRYPTION_KEY, RESEND_API_KEY, RESEND_WEBHOOK_SECRET, "
    "TRACKING_SECRET.";

struct Command {
    std::unique_ptr<Options> options;
    std::function<int(Config)> run;
};

class Program {
  public:
    Program()
        : app_("Gets back the money that subscription businesses lose when a card payment fails.",
               "citadel") {
        app_.require_subcommand(1);
        app_.set_version_flag("--version", std::string("citadel ") + CITADEL_VERSION);
        app_.footer(kSecretsHelp);
        AddEngineCommands();
        AddToolCommands();
    }

    int Run(int argc, char** argv) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            return app_.exit(error) == 0 ? 0 : kUsage;
        }
        for (auto& [app, command] : commands_) {
            if (app->parsed()) return command.run(command.options->Read());
        }
        return kUsage;
    }

  private:
    void Add(CLI::App* parent, const std::string& name, const std::string& help,
             std::vector<const char*> envs, std::function<int(Config)> run) {
        auto* app = parent->add_subcommand(name, help);
        app->footer(kSecretsHelp);
        commands_[app] = Command{std::make_unique<Options>(app, envs), std::move(run)};
        last_ = app;
    }

    void AddEngineCommands() {
        Add(&app_, "serve", "HTTP API, webhooks, workers and scheduler in one process",
            With({"HOST", "PORT", "CITADEL_WORKERS", "CITADEL_MIGRATE", "STRIPE_API_BASE",
                  "STRIPE_CONNECT_BASE", "STRIPE_CLIENT_ID", "EMAIL_FROM", "PUBLIC_URL", "RESEND_API_BASE",
                  "RESEND_REQUESTS_PER_SECOND", "CLERK_ISSUER", "CLERK_JWKS_URL", "CLERK_AUTHORIZED_PARTIES",
                  "CLERK_PUBLISHABLE_KEY", "CITADEL_LOCAL_ISSUER"}),
            Serve);
        Add(&app_, "worker", "workers and scheduler only, with health on --metrics-port",
            With({"HOST", "CITADEL_METRICS_PORT", "CITADEL_WORKERS", "CITADEL_MIGRATE", "STRIPE_API_BASE",
                  "EMAIL_FROM", "PUBLIC_URL", "RESEND_API_BASE", "RESEND_REQUESTS_PER_SECOND"}),
            Work);
        Add(&app_, "migrate", "applies the schema; --status lists", With({"CITADEL_STATUS"}), MigrateSchema);
        Add(&app_, "demo",
            "embedded PostgreSQL, simulator and engine: weeks of failing renewals in fast forward",
            {"PORT", "CITADEL_DEMO_DAYS", "CITADEL_DEMO_MERCHANTS", "CITADEL_DEMO_CUSTOMERS", "CITADEL_SEED",
             "CITADEL_DEMO_KEEP", "CITADEL_JSON", "LOG_LEVEL", "LOG_FORMAT"},
            Demo);
    }

    void AddToolCommands() {
        Add(&app_, "stripe-sim", "the Stripe simulator alone",
            {"HOST", "PORT", "CITADEL_SIM_WEBHOOK_URL", "CITADEL_SIM_WEBHOOK_SECRET",
             "CITADEL_SIM_CONNECT_SECRET", "CITADEL_SEED", "CITADEL_CLOCK", "LOG_LEVEL", "LOG_FORMAT"},
            StripeSim);
        Add(&app_, "simulate", "plays the policies against a population of payers, side by side",
            {"CITADEL_SEED", "CITADEL_SIMULATE_PAYERS", "CITADEL_POPULATION", "CITADEL_ABLATE",
             "CITADEL_JSON"},
            Simulate);
        Add(&app_, "policy", "answers for a policy, a line of JSON for a line of JSON",
            {"CITADEL_STDIO", "CITADEL_POLICY"}, AnswerForPolicy);
        Add(&app_, "replay", "feeds Stripe events from FILE through the same path as webhooks",
            With({"CITADEL_MIGRATE"}),
            [this](Config config) { return Replay(std::move(config), replay_file_); });
        last_
            ->add_option("FILE", replay_file_,
                         "JSON lines, or the JSON list that Stripe's event list returns")
            ->required();
        Add(&app_, "letters", "writes every letter in every language into FOLDER, to be looked at",
            {"LOG_LEVEL", "LOG_FORMAT"},
            [this](Config config) { return WriteLetters(std::move(config), letters_folder_); });
        last_->add_option("FOLDER", letters_folder_, "made when it is not there")->required();
        Add(&app_, "rotate-keys",
            "re-encrypts stored secrets under the newest key of ENCRYPTION_KEY, while others serve",
            With({"CITADEL_MIGRATE"}), RotateKeys);
        auto* merchants =
            app_.add_subcommand("merchants", "the tenants: add one by its Stripe account, or list them");
        merchants->require_subcommand(1);
        Add(merchants, "add", "connects a Stripe account to a merchant",
            With({"CITADEL_MIGRATE", "CITADEL_MERCHANT_ACCOUNT", "CITADEL_MERCHANT_NAME",
                  "CITADEL_MERCHANT_EMAIL", "CITADEL_MERCHANT_RETRY_MODE", "CITADEL_MERCHANT_CUSTOMER"}),
            AddMerchant);
        Add(merchants, "list", "a line each", With({"CITADEL_JSON"}), ListMerchants);
    }

    CLI::App app_;
    std::map<CLI::App*, Command> commands_;
    CLI::App* last_ = nullptr;
    std::string replay_file_;
    std::string letters_folder_;
};

}  // namespace

int RunProgram(int argc, char** argv) {
    try {
        Program program;
        return program.Run(argc, argv);
    } catch (const Trouble& trouble) {
        std::cerr << "citadel: " << trouble.what() << "\n";
        return trouble.kind() == TroubleKind::kConfiguration ? kUsage : 1;
    } catch (const std::exception& error) {
        std::cerr << "citadel: " << error.what() << "\n";
        return 1;
    }
}

}  // namespace citadel::app
