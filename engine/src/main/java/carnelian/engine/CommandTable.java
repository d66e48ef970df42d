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
///
/// A family's names are there from the start; its commands are declared when one of them is asked
/// for, or all are. Which are declared so far shows nowhere but in [#declaredSoFar].
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

  /// Where nothing is found yet: whose name it is.
  private @Nullable Registered[] owners = new Registered[INITIAL_SLOTS];

  private final List<Registered> families = new ArrayList<>();

  /// A family, and how many of its commands have been declared: none or all.
  private static final class Registered {
    final CommandFamily family;
    int count;

    Registered(CommandFamily family) {
      this.family = family;
    }
  }

  /// Registers commands under their declared names.
  public void register(List<Command> commands) {
    StringBuilder names = new StringBuilder();
    for (Command command : commands) {
      names.append(names.isEmpty() ? "" : " ").append(command.declaration().ownName());
    }
    declare(enrol(new CommandFamily(names.toString(), () -> commands)));
  }

  /// Registers commands that are declared when one of them is asked for.
  public void register(CommandFamily family) {
    Registered _ = enrol(family);
  }

  private Registered enrol(CommandFamily family) {
    Registered registered = new Registered(family);
    families.add(registered);
    String names = family.names();
    int start = 0;
    while (start < names.length()) {
      int blank = names.indexOf(' ', start);
      int end = blank < 0 ? names.length() : blank;
      reserve(names.substring(start, end), null, registered);
      start = end + 1;
    }
    return registered;
  }

  private void declare(Registered registered) {
    List<Command> commands = registered.family.commands().get();
    int position = 0;
    for (Registered earlier : families.subList(0, families.indexOf(registered))) {
      position += earlier.count;
    }
    StringBuilder names = new StringBuilder();
    for (Command command : commands) {
      CommandEntry entry = new CommandEntry(command, null);
      numbered = entry.number(numbered);
      String name = command.declaration().ownName();
      names.append(names.isEmpty() ? "" : " ").append(name);
      int slot = slotOf(bytes(name));
      Invariant.check(slot >= 0 && owners[slot] == registered, "not among its names: ", name);
      found[slot] = entry;
      owners[slot] = null;
      entries.add(position + registered.count, entry);
      declared.add(position + registered.count, entry);
      registered.count++;
    }
    Invariant.check(
        registered.family.names().equalsIgnoreCase(names.toString()),
        "these are the names of the family: ",
        names);
  }

  /// Declares what has not been yet.
  public void declareAll() {
    if (entries.size() < used) {
      for (Registered registered : families) {
        if (registered.count == 0) {
          declare(registered);
        }
      }
    }
  }

  /// All commands as they were registered, in that order: what `rename-command` does to a name
  /// changes nothing here.
  public List<CommandEntry> declared() {
    declareAll();
    return Collections.unmodifiableList(declared);
  }

  /// All commands, in order of registration; without subcommands.
  public List<CommandEntry> entries() {
    declareAll();
    return Collections.unmodifiableList(entries);
  }

  /// Those of [#entries] that have been asked for, and others: all that can have been called.
  public List<CommandEntry> declaredSoFar() {
    return Collections.unmodifiableList(entries);
  }

  public int size() {
    return used;
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
        CommandEntry entry = found[slot];
        return entry != null ? entry : declared(slot);
      }
      slot = (slot + 1) & mask;
    }
  }

  /// The command of that name, or null; for cold paths. `config|get` and `config get` are not
  /// resolved.
  public @Nullable CommandEntry find(String name) {
    int slot = slotOf(bytes(name));
    return slot < 0 ? null : declared(slot);
  }

  /// What stands in a slot that has a name.
  private @Nullable CommandEntry declared(int slot) {
    Registered owner = owners[slot];
    if (owner != null) {
      declare(owner);
    }
    return found[slot];
  }

  private static byte[] bytes(String name) {
    return name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1);
  }

  /// Negative if there is no such name.
  private int slotOf(byte[] name) {
    int mask = heads.length - 1;
    int slot = slot(head(name), name.length, mask);
    while (true) {
      byte[] candidate = names[slot];
      if (candidate == null) {
        return -1;
      }
      if (Arrays.equals(candidate, name)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  /// `rename-command`: gives the command another name, or none if `newName` is empty. False if
  /// there is no command `oldName`.
  public boolean rename(String oldName, String newName) {
    declareAll();
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
    owners = new Registered[INITIAL_SLOTS];
    for (int i = 0; i < kept.size(); i++) {
      if (!keptNames.get(i).isEmpty()) {
        add(kept.get(i), keptNames.get(i));
      }
    }
    return true;
  }

  void add(CommandEntry entry, String name) {
    reserve(name, entry, null);
    entries.add(entry);
  }

  private void reserve(String name, @Nullable CommandEntry entry, @Nullable Registered owner) {
    byte[] bytes = bytes(name);
    Invariant.check(slotOf(bytes) < 0, "two commands of one name: ", name);
    if (4 * (used + 1) > heads.length) {
      grow();
    }
    place(bytes, entry, owner);
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
    @Nullable Registered[] oldOwners = owners;
    int slots = heads.length * 2;
    heads = new long[slots];
    names = new byte[slots][];
    found = new CommandEntry[slots];
    owners = new Registered[slots];
    for (int slot = 0; slot < oldNames.length; slot++) {
      byte[] name = oldNames[slot];
      if (name != null) {
        place(name, oldFound[slot], oldOwners[slot]);
      }
    }
  }

  private void place(byte[] name, @Nullable CommandEntry entry, @Nullable Registered owner) {
    long head = head(name);
    int mask = heads.length - 1;
    int slot = slot(head, name.length, mask);
    while (names[slot] != null) {
      slot = (slot + 1) & mask;
    }
    heads[slot] = head;
    names[slot] = name;
    found[slot] = entry;
    owners[slot] = owner;
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
