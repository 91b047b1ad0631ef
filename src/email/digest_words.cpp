#include "email/digest_words.h"

namespace citadel::email {

const DigestWords& DigestWordsFor(std::string_view locale) {
    auto language = locale.substr(0, locale.find_first_of("-_"));
    for (const DigestWords* words : {&kDigestGerman, &kDigestFrench, &kDigestSpanish, &kDigestPortuguese}) {
        if (words->language == language) return *words;
    }
    return kDigestEnglish;
}

}  // namespace citadel::email
