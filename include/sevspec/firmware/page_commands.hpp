// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_PAGE_COMMANDS_HPP
#define SEVSPEC_FIRMWARE_PAGE_COMMANDS_HPP

#include <sevspec/firmware/page_reclaim.hpp>
#include <sevspec/firmware/page_set_state.hpp>
#include <sevspec/firmware/page_unsmash.hpp>

#endif
