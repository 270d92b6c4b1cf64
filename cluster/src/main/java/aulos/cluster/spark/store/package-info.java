// SPDX-License-Identifier: Apache-2.0
/** Files on any Hadoop file system, as Aulos' readers and writers take them: {@link aulos.cluster.spark.store.Store}. */
package aulos.cluster.spark.store;
