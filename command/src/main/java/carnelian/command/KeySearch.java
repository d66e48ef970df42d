package carnelian.command;

import carnelian.memory.Slice;
import org.jspecify.annotations.Nullable;

/// One key spec laid out for being followed on every call.
final class KeySearch {
  private static final int NONE = -1;

  private final int flags;
  private final boolean isUnknown;
  private final int position;
  private final @Nullable String keyword;
  private final boolean isCounted;
  private final int last;
  private final int step;
  private final int limit;
  private final int numberIndex;
  private final int firstIndex;

  KeySearch(KeySpec spec) {
    flags = spec.flagBits();
    switch (spec.begin()) {
      case KeySpec.Begin.Index(int at) -> {
        position = at;
        keyword = null;
      }
      case KeySpec.Begin.Keyword(String word, int startFrom) -> {
        position = startFrom;
        keyword = word;
      }
      case KeySpec.Begin.Unknown() -> {
        position = 0;
        keyword = null;
      }
    }
    isUnknown =
        spec.begin() instanceof KeySpec.Begin.Unknown
            || spec.find() instanceof KeySpec.Find.Unknown;
    isCounted = spec.find() instanceof KeySpec.Find.Counted;
    switch (spec.find()) {
      case KeySpec.Find.Range(int lastKey, int everyStep, int oneIn) -> {
        last = lastKey;
        step = everyStep;
        limit = oneIn;
        numberIndex = 0;
        firstIndex = 0;
      }
      case KeySpec.Find.Counted(int number, int first, int everyStep) -> {
        last = 0;
        step = everyStep;
        limit = 0;
        numberIndex = number;
        firstIndex = first;
      }
      case KeySpec.Find.Unknown() -> {
        last = 0;
        step = 1;
        limit = 0;
        numberIndex = 0;
        firstIndex = 0;
      }
    }
  }

  boolean findsKeys() {
    return (flags & KeyFlag.NOT_KEY.bit()) == 0;
  }

  /// Adds the keys of this spec. False if the arguments do not fit it, which is a syntax error. A
  /// keyword that is missing or has nothing after it is none, because such keys are optional.
  boolean find(Arguments args, KeyPositions found) {
    if (isUnknown) {
      return true;
    }
    int argc = args.argc();
    int first = position;
    if (keyword != null) {
      first = after(keyword, args, argc);
      if (first == NONE || first >= argc) {
        return true;
      }
    }
    long end;
    if (isCounted) {
      if (first + numberIndex >= argc) {
        return false;
      }
      Slice number = args.arg(first + numberIndex);
      if (!number.isLong() || number.asLong() < 1 || number.asLong() > argc) {
        return false;
      }
      first += firstIndex;
      end = first + (number.asLong() - 1) * step;
    } else if (last >= 0) {
      end = (long) first + last;
    } else if (limit > 1) {
      end = (long) first + (argc - first) / limit - 1;
    } else {
      end = (long) argc + last;
    }
    if (end >= argc || end < first || first >= argc) {
      return false;
    }
    for (int i = first; i <= end; i += step) {
      found.add(i, flags);
    }
    return true;
  }

  private int after(String word, Arguments args, int argc) {
    if (position >= 0) {
      for (int i = position; i < argc; i++) {
        if (args.arg(i).isIgnoringCase(word)) {
          return i + 1;
        }
      }
    } else {
      for (int i = argc + position; i > 0; i--) {
        if (args.arg(i).isIgnoringCase(word)) {
          return i + 1;
        }
      }
    }
    return NONE;
  }
}
