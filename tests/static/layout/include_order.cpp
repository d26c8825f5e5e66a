// SPDX-License-Identifier: MIT
// Some codes are called like structures; headers can be included in any order without warnings all the same.
#include <sevspec/layout/doorbell_page.hpp>
#include <sevspec/layout/secrets_page.hpp>
#include <sevspec/layout/snp_command.hpp>
#include <sevspec/layout/svsm.hpp>
#include <sevspec/layout/vmsa.hpp>
// Codes last; this line keeps them from being sorted.
#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/codes/msr_numbers.hpp>
#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/layout/codes/snp_codes.hpp>
