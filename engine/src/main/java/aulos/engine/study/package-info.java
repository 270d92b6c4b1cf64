// SPDX-License-Identifier: Apache-2.0
/**
 * Tools that look into a tape while it runs, all of them observers: {@link aulos.engine.study.Anomalies},
 * {@link aulos.engine.study.Profile}, {@link aulos.engine.study.Stepper}, {@link aulos.engine.study.TapePage},
 * {@link aulos.engine.study.Microscope}.
 */
package aulos.engine.study;
