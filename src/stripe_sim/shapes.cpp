#include "stripe_sim/shapes.h"

#include <boost/json/parse.hpp>

namespace citadel::stripe_sim {
namespace {

// `common` is in both shapes; `before` and `basil` are merged into it, member by member.
struct ShapeText {
    std::string_view common, before, basil;
};

constexpr ShapeText kAccount{
    R"json({"business_profile":{"annual_revenue":null,"estimated_worker_count":null,"mcc":null,
"product_description":null,"support_address":null,"support_email":null,"support_phone":null,
"support_url":null,"url":null},"business_type":null,
"capabilities":{"card_payments":"active","transfers":"active"},
"controller":{"type":"account"},"details_submitted":true,
"future_requirements":{"alternatives":[],"current_deadline":null,"currently_due":[],
"disabled_reason":null,"errors":[],"eventually_due":[],"past_due":[],
"pending_verification":[]},"metadata":{},"object":"account","payouts_enabled":true,
"requirements":{"alternatives":[],"current_deadline":null,"errors":[],"past_due":[],
"pending_verification":[]},"settings":{"bacs_debit_payments":{"display_name":null,
"service_user_number":null},"branding":{"icon":null,"logo":null,"primary_color":null,
"secondary_color":null},"card_issuing":{"tos_acceptance":{"date":null,"ip":null}},
"card_payments":{"decline_on":{"avs_failure":true,"cvc_failure":true},
"statement_descriptor_prefix":null,"statement_descriptor_prefix_kana":null,
"statement_descriptor_prefix_kanji":null},"dashboard":{"timezone":"Etc/UTC"},
"invoices":{"default_account_tax_ids":null},"payments":{"statement_descriptor":null,
"statement_descriptor_kana":null,"statement_descriptor_kanji":null,
"statement_descriptor_prefix_kana":null,"statement_descriptor_prefix_kanji":null},
"payouts":{"debit_negative_balances":true,"schedule":{"delay_days":2,"interval":"daily"},
"statement_descriptor":null},"sepa_debit_payments":{}},"tos_acceptance":{"date":null,
"ip":null,"user_agent":null},"type":"standard"})json",
    R"json({})json",
    R"json({"business_profile":{"minority_owned_business_designation":null,
"specified_commercial_transactions_act_url":null},
"settings":{"invoices":{"hosted_payment_method_save":null}}})json"};

constexpr ShapeText kCustomer{
    R"json({"address":null,"balance":0,"default_source":null,"description":null,"discount":null,
"invoice_settings":{"custom_fields":null,"footer":null,"rendering_options":null},
"livemode":false,"object":"customer","phone":null,"shipping":null,"tax_exempt":"none",
"test_clock":null})json",
    R"json({})json", R"json({})json"};

constexpr ShapeText kPaymentMethod{
    R"json({"billing_details":{},
"card":{"checks":{"address_line1_check":null,"address_postal_code_check":null,
"cvc_check":"pass"},"generated_from":null,"three_d_secure_usage":{"supported":true},
"wallet":null,"regulated_status":"unregulated"},"livemode":false,"object":"payment_method",
"type":"card"})json",
    R"json({})json", R"json({"billing_details":{"tax_id":null},"customer_account":null})json"};

constexpr ShapeText kProduct{
    R"json({"livemode":false,"marketing_features":[],"object":"product","package_dimensions":null,
"tax_code":null,"type":"service"})json",
    R"json({})json", R"json({"tax_details":null})json"};

constexpr ShapeText kCardSource{
    R"json({"address_line1_check":null,"address_zip_check":null,"allow_redisplay":"unspecified",
"cvc_check":"pass","dynamic_last4":null,"object":"card","regulated_status":"unregulated",
"tokenization_method":null})json",
    R"json({})json", R"json({})json"};

constexpr ShapeText kPlan{
    R"json({"active":true,"billing_scheme":"per_unit","interval":"month","interval_count":1,
"livemode":false,"metadata":{},"meter":null,"nickname":null,"object":"plan",
"tiers_mode":null,"transform_usage":null,"trial_period_days":null,"usage_type":"licensed"})json",
    R"json({"aggregate_usage":null})json", R"json({})json"};

constexpr ShapeText kPrice{
    R"json({"active":true,"billing_scheme":"per_unit","custom_unit_amount":null,"livemode":false,
"lookup_key":null,"metadata":{},"nickname":null,"object":"price",
"recurring":{"interval":"month","interval_count":1,"meter":null,"trial_period_days":null,
"usage_type":"licensed"},"tax_behavior":"unspecified","tiers_mode":null,
"transform_quantity":null,"type":"recurring"})json",
    R"json({"recurring":{"aggregate_usage":null}})json", R"json({})json"};

constexpr ShapeText kSubscriptionItem{
    R"json({"object":"subscription_item","billing_thresholds":null,"discounts":[],"metadata":{},
"quantity":1,"tax_rates":[]})json",
    R"json({})json", R"json({"current_trial":null})json"};

constexpr ShapeText kSubscription{
    R"json({"application":null,"application_fee_percent":null,"automatic_tax":{"enabled":false,
"liability":null,"disabled_reason":null},"billing_cycle_anchor_config":null,
"billing_thresholds":null,"cancel_at":null,"cancellation_details":{},
"collection_method":"charge_automatically","days_until_due":null,"default_source":null,
"default_tax_rates":[],"description":null,"discounts":[],
"invoice_settings":{"account_tax_ids":null,"issuer":{"type":"self"}},"livemode":false,
"next_pending_invoice_item_invoice":null,"object":"subscription","on_behalf_of":null,
"pause_collection":null,"payment_settings":{"payment_method_options":null,
"payment_method_types":null,"save_default_payment_method":"off"},
"pending_invoice_item_interval":null,"pending_setup_intent":null,"pending_update":null,
"schedule":null,"test_clock":null,"transfer_data":null,"trial_end":null,
"trial_settings":{"end_behavior":{"missing_payment_method":"create_invoice"}},
"trial_start":null})json",
    R"json({"discount":null})json",
    R"json({"cancellation_details":{"feedback_option":null},"invoice_settings":{"custom_fields":null,
"description":null,"footer":null},
"trial_settings":{"end_behavior":{"billing_cycle_anchor":null}},
"billing_mode":{"type":"classic","flexible":null},"billing_schedules":[],
"customer_account":null,"managed_payments":null})json"};

constexpr ShapeText kInvoiceItem{
    R"json({"discounts":[],"livemode":false,"object":"invoiceitem","tax_rates":[],
"test_clock":null})json",
    R"json({})json", R"json({"customer_account":null,"parent":null})json"};

constexpr ShapeText kInvoiceLine{
    R"json({"discount_amounts":[],"discountable":true,"discounts":[],"livemode":false,"metadata":{},
"object":"line_item","quantity":1})json",
    R"json({"proration":false,"proration_details":{"credited_items":null},"tax_amounts":[],
"tax_rates":[],"type":"subscription","pretax_credit_amounts":null})json",
    R"json({"pretax_credit_amounts":[],"quantity_decimal":"1","taxes":[]})json"};

constexpr ShapeText kInvoice{
    R"json({"account_tax_ids":null,"amount_shipping":0,"application":null,
"automatic_tax":{"enabled":false,"liability":null,"status":null,"disabled_reason":null},
"collection_method":"charge_automatically","custom_fields":null,"customer_address":null,
"customer_phone":null,"customer_shipping":null,"customer_tax_exempt":"none",
"customer_tax_ids":[],"default_source":null,"default_tax_rates":[],"description":null,
"discounts":[],"due_date":null,"footer":null,"from_invoice":null,"issuer":{"type":"self"},
"last_finalization_error":null,"latest_revision":null,"livemode":false,"object":"invoice",
"on_behalf_of":null,"payment_settings":{"default_mandate":null,
"payment_method_options":null,"payment_method_types":null},
"post_payment_credit_notes_amount":0,"pre_payment_credit_notes_amount":0,
"receipt_number":null,"rendering":null,"shipping_cost":null,"shipping_details":null,
"starting_balance":0,"statement_descriptor":null,"test_clock":null,
"total_discount_amounts":[],"automatically_finalizes_at":null,
"total_pretax_credit_amounts":null})json",
    R"json({"application_fee_amount":null,"discount":null,"quote":null,"tax":null,
"total_tax_amounts":[],"transfer_data":null})json",
    R"json({"automatic_tax":{"provider":null},"amount_overpaid":0,"total_taxes":[],
"customer_account":null})json"};

constexpr ShapeText kPaymentIntent{
    R"json({"amount_capturable":0,"amount_details":{"tip":{}},"application":null,
"application_fee_amount":null,"automatic_payment_methods":null,"capture_method":"automatic",
"confirmation_method":"automatic","livemode":false,
"metadata":{},"object":"payment_intent","on_behalf_of":null,
"payment_method_configuration_details":null,
"payment_method_options":{"card":{"installments":null,"mandate_options":null,"network":null,
"request_three_d_secure":"automatic"}},"payment_method_types":["card"],"processing":null,
"receipt_email":null,"review":null,"shipping":null,
"statement_descriptor":null,"statement_descriptor_suffix":null,"transfer_data":null,
"transfer_group":null,"source":null})json",
    R"json({})json",
    R"json({"allowed_payment_method_types":null,"customer_account":null,
"excluded_payment_method_types":null,"managed_payments":null,"payment_record":null})json"};

constexpr ShapeText kSetupIntent{
    R"json({"application":null,"flow_directions":null,"latest_attempt":null,"livemode":false,
"mandate":null,"object":"setup_intent","on_behalf_of":null,
"payment_method_options":{"card":{"mandate_options":null,"network":null,
"request_three_d_secure":"automatic"}},"single_use_mandate":null})json",
    R"json({})json",
    R"json({"allowed_payment_method_types":null,"customer_account":null,
"excluded_payment_method_types":null,"managed_payments":null})json"};

constexpr ShapeText kCharge{
    R"json({"application":null,"application_fee":null,"application_fee_amount":null,
"billing_details":{"address":{"city":null,"country":null,"line1":null,"line2":null,
"postal_code":null,"state":null},"phone":null},"calculated_statement_descriptor":null,
"failure_balance_transaction":null,"fraud_details":{},
"livemode":false,"metadata":{},"object":"charge","on_behalf_of":null,
"payment_method_details":{"type":"card","card":{"amount_authorized":null,
"checks":{"address_line1_check":null,"address_postal_code_check":null,"cvc_check":null},
"extended_authorization":{"status":"disabled"},
"incremental_authorization":{"status":"unavailable"},"installments":null,"mandate":null,
"multicapture":{"status":"unavailable"},"network_token":{"used":false},
"overcapture":{"status":"unavailable"},"three_d_secure":null,"wallet":null,
"authorization_code":null,"regulated_status":null}},"receipt_email":null,
"receipt_number":null,"receipt_url":null,"review":null,"shipping":null,
"source_transfer":null,"statement_descriptor":null,"statement_descriptor_suffix":null,
"transfer_data":null,"transfer_group":null,"source":null})json",
    R"json({})json",
    R"json({"billing_details":{"tax_id":null},
"payment_method_details":{"card":{"electronic_commerce_indicator":null,
"transaction_link_id":null}}})json"};

constexpr ShapeText kDispute{
    R"json({"balance_transactions":[],"evidence":{"access_activity_log":null,"billing_address":null,
"cancellation_policy":null,"cancellation_policy_disclosure":null,
"cancellation_rebuttal":null,"customer_communication":null,"customer_email_address":null,
"customer_name":null,"customer_purchase_ip":null,"customer_signature":null,
"duplicate_charge_documentation":null,"duplicate_charge_explanation":null,
"duplicate_charge_id":null,"product_description":null,"receipt":null,"refund_policy":null,
"refund_policy_disclosure":null,"refund_refusal_explanation":null,"service_date":null,
"service_documentation":null,"shipping_address":null,"shipping_carrier":null,
"shipping_date":null,"shipping_documentation":null,"shipping_tracking_number":null,
"uncategorized_file":null,"uncategorized_text":null,"enhanced_evidence":{}},
"evidence_details":{"has_evidence":false,"past_due":false,"submission_count":0,
"enhanced_eligibility":{}},"is_charge_refundable":true,"livemode":false,"metadata":{},
"object":"dispute","payment_method_details":{"card":{"case_type":"inquiry",
"network_reason_code":"10.4"},"type":"card"},"enhanced_eligibility_types":["visa_compelling_evidence_3"]})json",
    R"json({})json",
    R"json({"evidence_details":{"submission_method":"manual"},"intended_submission_method":null})json"};

void MergeInto(json::object& base, const json::object& patch) {
    for (const auto& [key, value] : patch) {
        auto found = base.find(key);
        if (found != base.end() && found->value().is_object() && value.is_object()) {
            MergeInto(found->value().get_object(), value.get_object());
        } else {
            base.insert_or_assign(key, value);
        }
    }
}

json::object Build(const ShapeText& text, Shape shape) {
    json::object object = json::parse(text.common).as_object();
    MergeInto(object, json::parse(shape == Shape::kBasil ? text.basil : text.before).as_object());
    return object;
}

const ShapeText& TextOf(ObjectKind kind) {
    switch (kind) {
        case ObjectKind::kAccount: return kAccount;
        case ObjectKind::kCustomer: return kCustomer;
        case ObjectKind::kPaymentMethod: return kPaymentMethod;
        case ObjectKind::kCardSource: return kCardSource;
        case ObjectKind::kProduct: return kProduct;
        case ObjectKind::kPlan: return kPlan;
        case ObjectKind::kPrice: return kPrice;
        case ObjectKind::kSubscriptionItem: return kSubscriptionItem;
        case ObjectKind::kSubscription: return kSubscription;
        case ObjectKind::kInvoiceItem: return kInvoiceItem;
        case ObjectKind::kInvoiceLine: return kInvoiceLine;
        case ObjectKind::kInvoice: return kInvoice;
        case ObjectKind::kPaymentIntent: return kPaymentIntent;
        case ObjectKind::kSetupIntent: return kSetupIntent;
        case ObjectKind::kCharge: return kCharge;
        case ObjectKind::kDispute: return kDispute;
    }
    return kAccount;
}

}  // namespace

json::object BlankObject(ObjectKind kind, Shape shape) {
    // Parsed once for each kind and shape; a renderer then fills its copy.
    static std::map<std::pair<ObjectKind, Shape>, json::object> built;
    auto found = built.find({kind, shape});
    if (found == built.end()) found = built.emplace(std::pair(kind, shape), Build(TextOf(kind), shape)).first;
    return found->second;
}

}  // namespace citadel::stripe_sim
