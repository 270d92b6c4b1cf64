// SPDX-License-Identifier: Apache-2.0
/** HiFi-GAN: models, losses, mel spectrograms, vocoding, training, files, the server and the command line. */
module aulos.hifigan {
    requires transitive aulos.engine;

    requires aulos.kernels;
    requires com.google.gson;
    requires info.picocli;
    requires java.desktop;
    requires java.management;
    requires jdk.httpserver;
    requires JTransforms;
    requires me.tongfei.progressbar;
    requires org.knowm.xchart;

    exports aulos.hifigan.audio;
    exports aulos.hifigan.eval;
    exports aulos.hifigan.export;
    exports aulos.hifigan.io;
    exports aulos.hifigan.loss;
    exports aulos.hifigan.model;
    exports aulos.hifigan.serve;
    exports aulos.hifigan.train;
    exports aulos.hifigan.train.ranks;
    exports aulos.hifigan.vocode;

    uses aulos.hifigan.train.ranks.RanksProvider;

    opens aulos.hifigan.cli to info.picocli;
    opens aulos.hifigan.cli.guide to info.picocli;
    opens aulos.hifigan.cli.lab to info.picocli;
}
