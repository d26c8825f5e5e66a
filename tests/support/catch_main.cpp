// SPDX-License-Identifier: MIT
// Only there to be given a precompiled header, which the tests share.
