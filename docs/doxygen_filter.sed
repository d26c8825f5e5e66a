# SPDX-License-Identifier: MIT
# In comments, #PF and #VMEXIT are the manual's names, not links to a member.
/\/\//s/#([A-Z])/\\#\1/g
