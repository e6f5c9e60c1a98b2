#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

. "${QDN_SRCDIR:?}/t/lib/tap.sh"
sources | grep -E '\.([chmty]|sh|pl|pm|PL|py|mk|am|ac|in|m?js|css|html|sql|conf)$|^build/[a-z]+$|^\.ci/' |
    grep -vE '^t/data/|^t/fuzz/corpus/' > "$tap_dir/files" ||
    fatal "no source file"
cd "$QDN_SRCDIR" || exit 1
while read -r file; do
    head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2\.0' ||
        echo "$file"
done < "$tap_dir/files" > "$tap_dir/bare"
none "every source file names its licence in its first lines" \
    "put 'SPDX-License-Identifier: Apache-2.0' into a comment on line 1" \
    < "$tap_dir/bare"
done_testing
