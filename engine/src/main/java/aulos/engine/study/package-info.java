// SPDX-License-Identifier: Apache-2.0
/**
 * Tools that look into a tape while it runs, observers: {@link aulos.engine.study.Anomalies},
 * {@link aulos.engine.study.Profile}, {@link aulos.engine.study.Stepper}, {@link aulos.engine.study.TapePage},
 * {@link aulos.engine.study.Microscope}; and {@link aulos.engine.study.ProfilingBackend}, which looks at the kernels of
 * whatever runs.
 */
package aulos.engine.study;
