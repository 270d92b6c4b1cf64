// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.hifigan.model.HifiGanConfig;

/** The paper's generators, by the names that {@code --models} takes. */
enum Model {
    V1(HifiGanConfig.V1),
    V2(HifiGanConfig.V2),
    V3(HifiGanConfig.V3);

    private final HifiGanConfig config;

    Model(HifiGanConfig config) {
        this.config = config;
    }

    HifiGanConfig config() {
        return config;
    }
}
