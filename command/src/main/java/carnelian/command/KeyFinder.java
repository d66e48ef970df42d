package carnelian.command;

import carnelian.memory.Slice;

/// Finds the keys of the few commands whose key specs say too little: those with an unknown or
/// incomplete spec, and those whose key flags depend on other arguments.
@FunctionalInterface
public interface KeyFinder {
  int READS = KeyFlag.RO.bit() | KeyFlag.ACCESS.bit();
  int CHANGES = KeyFlag.RW.bit() | KeyFlag.ACCESS.bit() | KeyFlag.UPDATE.bit();
  int OVERWRITES = KeyFlag.OW.bit() | KeyFlag.UPDATE.bit();

  /// Adds the keys to `found`, none if the arguments make no sense.
  void find(Arguments args, KeyPositions found);

  /// SET reads the old value only with GET or IFEQ.
  static void ofSet(Arguments args, KeyPositions found) {
    int flags = OVERWRITES;
    for (int i = 3; i < args.argc(); i++) {
      if (args.arg(i).isIgnoringCase("GET") || args.arg(i).isIgnoringCase("IFEQ")) {
        flags = CHANGES;
      }
    }
    found.add(1, flags);
  }

  /// BITFIELD with nothing but GET changes nothing.
  static void ofBitfield(Arguments args, KeyPositions found) {
    int argc = args.argc();
    boolean readsOnly = true;
    int i = 2;
    while (i < argc && readsOnly) {
      Slice word = args.arg(i);
      int more = argc - i - 1;
      if (word.isIgnoringCase("GET") && more >= 2) {
        i += 3;
      } else if (word.isIgnoringCase("OVERFLOW") && more >= 1) {
        i += 2;
      } else {
        readsOnly = false; // A syntax error counts as a write, too.
      }
    }
    found.add(1, readsOnly ? READS : CHANGES);
  }

  /// SORT may store its result; the last STORE counts. As in Redis, what follows a STORE is read as
  /// an option, too.
  static void ofSort(Arguments args, KeyPositions found) {
    found.add(1, READS);
    int argc = args.argc();
    int store = 0;
    for (int i = 2; i < argc; i++) {
      Slice word = args.arg(i);
      if (word.isIgnoringCase("LIMIT")) {
        i += 2;
      } else if (word.isIgnoringCase("GET") || word.isIgnoringCase("BY")) {
        i++;
      } else if (word.isIgnoringCase("STORE") && i + 1 < argc) {
        store = i + 1;
      }
    }
    if (store != 0) {
      found.add(store, OVERWRITES);
    }
  }

  /// MIGRATE has one key or, if that is empty, all that follow KEYS.
  static void ofMigrate(Arguments args, KeyPositions found) {
    int flags = KeyFlag.RW.bit() | KeyFlag.ACCESS.bit() | KeyFlag.DELETE.bit();
    int argc = args.argc();
    for (int i = hasKeysWord(args) ? 6 : argc; i < argc; i++) {
      Slice word = args.arg(i);
      if (word.isIgnoringCase("KEYS")) {
        if (!args.arg(3).isEmpty()) {
          return; // Both forms at once: a syntax error.
        }
        for (int key = i + 1; key < argc; key++) {
          found.add(key, flags);
        }
        return;
      }
      if (word.isIgnoringCase("AUTH")) {
        i++;
      } else if (word.isIgnoringCase("AUTH2")) {
        i += 2;
      }
    }
    found.add(3, flags);
  }

  /// Redis first looks for the word anywhere, but as the last one it is none.
  private static boolean hasKeysWord(Arguments args) {
    for (int i = args.argc() - 2; i >= 2; i--) {
      if (args.arg(i).isIgnoringCase("KEYS")) {
        return true;
      }
    }
    return false;
  }
}
