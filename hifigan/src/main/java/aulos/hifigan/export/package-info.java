// SPDX-License-Identifier: Apache-2.0
/** Trained generators for other programs: {@link aulos.hifigan.export.OnnxExport}. */
package aulos.hifigan.export;
