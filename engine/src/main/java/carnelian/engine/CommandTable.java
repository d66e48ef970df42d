package carnelian.engine;

import carnelian.base.Invariant;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Finds a command by its name, in any case of letters, without allocating.
///
/// Open addressing. The first eight bytes of the name, folded to lower case, are one word that is
/// compared at once; almost every name is found by one comparison, longer ones by one more of
/// bytes.
public final class CommandTable {
  private static final int INITIAL_SLOTS = 16;
  private static final long CASE_BITS = 0x2020202020202020L;
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private final List<CommandEntry> entries = new ArrayList<>();
  private final List<CommandEntry> declared = new ArrayList<>();
  private int numbered;
  private int used;
  private long[] heads = new long[INITIAL_SLOTS];
  private byte[] @Nullable [] names = new byte[INITIAL_SLOTS][];
  private @Nullable CommandEntry[] found = new CommandEntry[INITIAL_SLOTS];

  /// Registers commands under their declared names.
  public void register(List<Command> commands) {
    for (Command command : commands) {
      CommandEntry entry = new CommandEntry(command, null);
      numbered = entry.number(numbered);
      declared.add(entry);
      add(entry, command.declaration().ownName());
    }
  }

  /// All commands as they were registered, in that order: what `rename-command` does to a name
  /// changes nothing here.
  public List<CommandEntry> declared() {
    return Collections.unmodifiableList(declared);
  }

  /// All commands, in order of registration; without subcommands.
  public List<CommandEntry> entries() {
    return Collections.unmodifiableList(entries);
  }

  public int size() {
    return entries.size();
  }

  /// The command of that name, or null. Does not look into containers.
  public @Nullable CommandEntry find(Slice name) {
    int length = name.length;
    long head = head(name.at, length);
    int mask = heads.length - 1;
    int slot = slot(head, length, mask);
    while (true) {
      byte[] candidate = names[slot];
      if (candidate == null) {
        return null;
      }
      if (heads[slot] == head && candidate.length == length && tailMatches(candidate, name)) {
        return found[slot];
      }
      slot = (slot + 1) & mask;
    }
  }

  /// The command of that name, or null; for cold paths. `config|get` and `config get` are not
  /// resolved.
  public @Nullable CommandEntry find(String name) {
    byte[] bytes = name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1);
    for (int slot = 0; slot < names.length; slot++) {
      byte[] candidate = names[slot];
      if (candidate != null && Arrays.equals(candidate, bytes)) {
        return found[slot];
      }
    }
    return null;
  }

  /// `rename-command`: gives the command another name, or none if `newName` is empty. False if
  /// there is no command `oldName`.
  public boolean rename(String oldName, String newName) {
    CommandEntry entry = find(oldName);
    if (entry == null) {
      return false;
    }
    Invariant.check(newName.isEmpty() || find(newName) == null, "the name is taken: ", newName);
    List<CommandEntry> kept = new ArrayList<>(entries);
    List<String> keptNames = new ArrayList<>();
    for (CommandEntry each : kept) {
      keptNames.add(each == entry ? newName : nameOf(each));
    }
    entries.clear();
    used = 0;
    heads = new long[INITIAL_SLOTS];
    names = new byte[INITIAL_SLOTS][];
    found = new CommandEntry[INITIAL_SLOTS];
    for (int i = 0; i < kept.size(); i++) {
      if (!keptNames.get(i).isEmpty()) {
        add(kept.get(i), keptNames.get(i));
      }
    }
    return true;
  }

  void add(CommandEntry entry, String name) {
    Invariant.check(find(name) == null, "two commands of one name: ", name);
    if (4 * (used + 1) > heads.length) {
      grow();
    }
    entries.add(entry);
    place(name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1), entry);
    used++;
  }

  void resetStatistics() {
    for (CommandEntry entry : entries) {
      entry.resetStatistics();
    }
  }

  private String nameOf(CommandEntry entry) {
    for (int slot = 0; slot < found.length; slot++) {
      byte[] name = names[slot];
      if (found[slot] == entry && name != null) {
        return new String(name, StandardCharsets.ISO_8859_1);
      }
    }
    throw new IllegalStateException("not in the table: " + entry);
  }

  private void grow() {
    byte[] @Nullable [] oldNames = names;
    @Nullable CommandEntry[] oldFound = found;
    int slots = heads.length * 2;
    heads = new long[slots];
    names = new byte[slots][];
    found = new CommandEntry[slots];
    for (int slot = 0; slot < oldNames.length; slot++) {
      byte[] name = oldNames[slot];
      CommandEntry entry = oldFound[slot];
      if (name != null && entry != null) {
        place(name, entry);
      }
    }
  }

  private void place(byte[] name, CommandEntry entry) {
    long head = head(name);
    int mask = heads.length - 1;
    int slot = slot(head, name.length, mask);
    while (names[slot] != null) {
      slot = (slot + 1) & mask;
    }
    heads[slot] = head;
    names[slot] = name;
    found[slot] = entry;
  }

  private static int slot(long head, int length, int mask) {
    return (int) ((head ^ length) * SPREAD >>> 40) & mask;
  }

  /// The bytes after the first eight, letter by letter.
  private static boolean tailMatches(byte[] name, Slice slice) {
    for (int i = Long.BYTES; i < name.length; i++) {
      byte b = slice.byteAt(i);
      int folded = b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
      if (name[i] != folded) {
        return false;
      }
    }
    return true;
  }

  /// The first eight bytes in lower case, the first one lowest. Never reads past the name.
  private static long head(long at, int length) {
    long word;
    if (length >= Long.BYTES) {
      word = Memory.getLong(at);
    } else if (length >= Integer.BYTES) {
      // Two words that overlap in the middle, where they agree.
      long low = Memory.getInt(at) & 0xFFFFFFFFL;
      long high = Memory.getInt(at + length - Integer.BYTES) & 0xFFFFFFFFL;
      word = low | high << (length - Integer.BYTES) * Byte.SIZE;
    } else {
      word = 0;
      for (int i = 0; i < length; i++) {
        word |= (Memory.getByte(at + i) & 0xFFL) << (i * Byte.SIZE);
      }
    }
    return lower(word);
  }

  private static long head(byte[] name) {
    long word = 0;
    for (int i = 0; i < Math.min(name.length, Long.BYTES); i++) {
      word |= (name[i] & 0xFFL) << (i * Byte.SIZE);
    }
    return lower(word);
  }

  /// Sets the case bit of the bytes that are capital letters, all eight at once.
  private static long lower(long word) {
    long low = word & 0x7F7F7F7F7F7F7F7FL;
    long fromA = low + 0x3F3F3F3F3F3F3F3FL; // The high bit shows bytes of at least 'A'.
    long aboveZ = low + 0x2525252525252525L; // The high bit shows bytes above 'Z'.
    long capital = fromA & ~aboveZ & ~word & 0x8080808080808080L;
    return word | (capital >>> 2 & CASE_BITS);
  }
}
