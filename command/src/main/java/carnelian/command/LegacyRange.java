package carnelian.command;

import java.util.List;

/// First key, last key and step: all that COMMAND told of a command's keys before there were key
/// specs. Derived from the specs as Redis derives it.
///
/// @param isMovable whether there are keys outside this range
record LegacyRange(int firstKey, int lastKey, int keyStep, boolean isMovable) {

  static LegacyRange of(List<KeySpec> specs) {
    if (specs.size() == 1
        && specs.getFirst().begin() instanceof KeySpec.Begin.Index(int position)
        && specs.getFirst().find() instanceof KeySpec.Find.Range range) {
      boolean isIncomplete = specs.getFirst().has(KeyFlag.INCOMPLETE);
      return new LegacyRange(
          position, absolute(position, range.last()), range.step(), isIncomplete);
    }
    int first = Integer.MAX_VALUE;
    int last = 0;
    boolean isMovable = false;
    for (KeySpec spec : specs) {
      if (spec.begin() instanceof KeySpec.Begin.Index(int position)
          && spec.find() instanceof KeySpec.Find.Range range
          && range.step() == 1
          && (last == 0 || last == position - 1)) {
        isMovable |= spec.has(KeyFlag.INCOMPLETE);
        first = Math.min(first, position);
        int lastOfSpec = absolute(position, range.last());
        // Unsigned: a last key counted from the end lies behind every one counted from the front.
        last = Integer.compareUnsigned(last, lastOfSpec) > 0 ? last : lastOfSpec;
      } else {
        isMovable = true;
      }
    }
    return first == Integer.MAX_VALUE
        ? new LegacyRange(0, 0, 0, isMovable)
        : new LegacyRange(first, last, 1, isMovable);
  }

  private static int absolute(int position, int last) {
    return last >= 0 ? position + last : last;
  }
}
