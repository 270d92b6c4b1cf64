// SPDX-License-Identifier: Apache-2.0
/** The vocoder as a web page and an HTTP API: {@link aulos.hifigan.serve.Server}. */
package aulos.hifigan.serve;
