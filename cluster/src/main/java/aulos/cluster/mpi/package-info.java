// SPDX-License-Identifier: Apache-2.0
/** Training over MPI: the ranks of {@link aulos.hifigan.train.ranks}, by the MPI library that the machine has. */
package aulos.cluster.mpi;
