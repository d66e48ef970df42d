package carnelian.memory;

import java.util.List;

/// What a [Heap] knows of itself at one moment, exact to the byte except for residency, which
/// counts every page that was handed out and not given back.
///
/// @param usedBytes the blocks that are allocated, each with the size of its class
/// @param usedBlocks how many there are
/// @param activeBytes slabs and large objects, with their free slots
/// @param dirtyBytes freed runs whose memory is kept for reuse
/// @param heldBackBytes freed runs that a snapshot may still need
/// @param metadataBytes the allocator's own
/// @param shadowBytes pages preserved for the open snapshot
/// @param spannedBytes address space between the first and the highest page ever used
/// @param limitBytes address space that is reserved for data
/// @param largeBytes large objects' part of `usedBytes`
/// @param largeBlocks how many large objects there are
/// @param classes the size classes, smallest first
public record HeapStats(
    long usedBytes,
    long usedBlocks,
    long activeBytes,
    long dirtyBytes,
    long heldBackBytes,
    long metadataBytes,
    long shadowBytes,
    long spannedBytes,
    long limitBytes,
    long largeBytes,
    long largeBlocks,
    List<SizeClass> classes) {
  /// One size class of the slabs.
  ///
  /// @param bytes the size of a slot
  /// @param slabs how many slabs there are
  /// @param slots how many slots they have
  /// @param usedSlots how many of them are allocated
  /// @param slabBytes the size of a slab
  public record SizeClass(int bytes, int slabs, long slots, long usedSlots, int slabBytes) {}

  public HeapStats {
    classes = List.copyOf(classes);
  }

  /// Memory that the heap may hold from the operating system.
  public long committedBytes() {
    return activeBytes + dirtyBytes + heldBackBytes + metadataBytes + shadowBytes;
  }

  /// Active over used: what free slots in slabs cost. 1 if nothing is used.
  public double fragmentation() {
    return usedBytes == 0 ? 1 : activeBytes / (double) usedBytes;
  }
}
