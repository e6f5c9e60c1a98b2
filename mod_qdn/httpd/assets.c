/* SPDX-License-Identifier: Apache-2.0 */
#include "assets.h"

#include <string.h>

const qdn_asset_t *qdn_asset_find(const char *name)
{
    const qdn_asset_t *asset = qdn_assets;

    while (asset->name && strcmp(asset->name, name)) {
        asset++;
    }
    return asset->name ? asset : NULL;
}
