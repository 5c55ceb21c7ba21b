/**
 * The only place that runs the DRBD tools and writes resource files. Read {@link io.heddle.drbd.DrbdDriver} first; its
 * rooms are the files ({@code ResourceFileWriter}, {@code ResourceFiles}), the metadata ({@code Metadata}, {@code
 * MetadataSize}), the kernel ({@code Resources}, {@code KernelProbe}) and the stream of events ({@code EventsReader}).
 */
@NullMarked
package io.heddle.drbd;

import org.jspecify.annotations.NullMarked;
