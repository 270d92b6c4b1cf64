// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli.lab;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** A chapter of {@code docs/lab}, in order. */
enum Chapter {
    TAPE("A tape in 100 lines", "01-tape.md", "Lab01Tape.java"),
    PRODUCTS("Vector–Jacobian products", "02-products.md", "Lab02Products.java"),
    BROADCASTING("Broadcasting and its adjoint", "03-broadcasting.md", "Lab03Broadcasting.java"),
    MEMORY("Memory and scopes", "04-memory.md", "Lab04Memory.java"),
    HIGHER_ORDER("Higher order", "05-higher-order.md", "Lab05HigherOrder.java"),
    FORWARD_MODE("Forward mode by transposition", "06-forward-mode.md", "Lab06ForwardMode.java"),
    CHECKPOINTS("Checkpointing", "07-checkpoints.md", "Lab07Checkpoints.java"),
    GRADIENT_PENALTY("Gradient penalty", "08-gradient-penalty.md", "Lab08GradientPenalty.java"),
    YOUR_OWN_OP("An op of your own", "09-your-own-op.md", "Lab09YourOwnOp.java"),
    KERNEL("From op to OpenCL kernel", "10-kernel.md", "Lab10Kernel.java"),
    WHERE_DEVICES_PART("Where two devices part", "11-where-devices-part.md", "Lab11WhereDevicesPart.java"),
    THREE_LOSSES("HiFi-GAN's three losses, from formula to tape to curve", "12-three-losses.md", "Lab12ThreeLosses.java");

    private final String title;
    private final String page;
    private final String file;

    Chapter(String title, String page, String file) {
        this.title = title;
        this.page = page;
        this.file = file;
    }

    int number() {
        return ordinal() + 1;
    }

    String title() {
        return title;
    }

    /** Its text, in {@code docs/lab}. */
    String page() {
        return page;
    }

    /** Its program, in {@code docs/lab/programs}. */
    String file() {
        return file;
    }

    /** The program's source, which the jar holds. */
    String program() throws IOException {
        try (InputStream in = Chapter.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new FileNotFoundException(file + " is not in this jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
