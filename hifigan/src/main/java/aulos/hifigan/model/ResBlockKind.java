// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

/** The paper's two residual blocks. */
public enum ResBlockKind {
    /** Three times x += conv<sub>k,1</sub>(lrelu(conv<sub>k,d</sub>(lrelu(x)))): {@code "1"} in a configuration. */
    RESBLOCK1("1", 3),
    /** Twice x += conv<sub>k,d</sub>(lrelu(x)): {@code "2"} in a configuration. */
    RESBLOCK2("2", 2);

    private final String key;
    private final int dilations;

    ResBlockKind(String key, int dilations) {
        this.key = key;
        this.dilations = dilations;
    }

    /** Its value under {@code resblock} in a configuration. */
    public String key() {
        return key;
    }

    /** How many dilations a block has, one for each addition to x. */
    public int dilations() {
        return dilations;
    }
}
