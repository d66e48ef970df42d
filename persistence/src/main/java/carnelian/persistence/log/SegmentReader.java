package carnelian.persistence.log;

import carnelian.base.Invariant;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.resp.RequestBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Reads one file of commands, ours or Redis's: one command, mark or annotation after another, with
/// the place and the moment up to which all was good. Every mark that is passed is verified.
///
/// Nothing that is read is trusted: a length only becomes memory as fast as bytes for it arrive.
/// What does not make sense is thrown as [LogDamage]; nothing may be read after that.
///
/// One owner, one thread; [#close] frees the memory, not the channel.
public final class SegmentReader implements AutoCloseable {
  /// What was read.
  public enum Item {
    COMMAND,
    /// [#mark] has it.
    MARK,
    /// Another line that begins with `#`.
    ANNOTATION,
    END
  }

  private static final int BUFFER_BYTES = 1 << 18;
  private static final int KEPT_BYTES = 1 << 22;
  private static final int MAX_LINE_BYTES = 1024;
  private static final int MAX_DIGITS = 10;
  private static final int MAX_ARGUMENTS = 1 << 28;
  private static final int MAX_ITEM_BYTES = Integer.MAX_VALUE - (1 << 20);
  private static final String TIMESTAMP = "#TS:";

  /// The line before a batch of ours that begins as Redis does when it goes on with a file.
  static final String BATCH = "#BATCH";

  private static final long MILLIS_PER_SECOND = 1000;

  /// Neither an end nor an item: what is in the buffer does not suffice, and it may not move.
  private static final int STARVED = -2;

  private static final int AT_END = -1;

  private final String path;
  private final ReadableByteChannel channel;
  private NativeBuffer buffer = new NativeBuffer(BUFFER_BYTES);
  private CRC32C crc = new CRC32C();

  /// Position in the file of the buffer's first byte.
  private long bufferAt;

  // Offsets in the buffer: [0, summed) is in the checksum, [itemStart, itemEnd) is the last item.
  private int summed;
  private int itemStart;
  private int itemEnd;
  private boolean mayMove = true;
  private boolean channelEnded;

  private int[] arguments = new int[64];
  private int argumentCount;
  private @Nullable Mark mark;
  private String line = "";

  private boolean inTransaction;
  private long offset;
  private boolean offsetKnown;
  private long wallMillis;
  private long goodBytes;
  private long goodOffset;
  private long markedBytes;
  private long markedOffset;
  private long durableOffset;

  /// Offset and place of each mark that no later one has proven.
  private final ArrayDeque<long[]> unproven = new ArrayDeque<>();

  private long provenBytes;
  private boolean commandSinceMark;
  private boolean selectSinceMark;
  private boolean batchSinceMark;
  private long commands;
  private long commandBytes;
  private long marks;

  /// Reads a channel whose next byte is the first of the file named `path`.
  ///
  /// @param startOffset the replication offset of the file's first byte; -1 if the file's first
  ///   mark has to say it
  public SegmentReader(String path, ReadableByteChannel channel, long startOffset) {
    this(path, channel, 0, startOffset);
  }

  /// The same from a place inside the file, where a command, a mark or an annotation begins. If
  /// that is not behind a mark, the checksum of the next one does not agree.
  public SegmentReader(
      String path, ReadableByteChannel channel, long startBytes, long startOffset) {
    this.path = path;
    this.channel = channel;
    bufferAt = startBytes;
    goodBytes = startBytes;
    markedBytes = startBytes;
    offsetKnown = startOffset >= 0;
    offset = Math.max(startOffset, 0);
    goodOffset = offset;
    markedOffset = offset;
  }

  // ---- Reading ---------------------------------------------------------------------------------

  /// Reads the next item. What it points to is valid until the next call.
  public Item next() throws IOException {
    Item item = item();
    Invariant.check(item != null, "a reader that may move its buffer is never starved");
    return item == null ? Item.END : item;
  }

  /// Reads commands into the batch, which is empty, until it is full or the buffer has been read;
  /// what else stands there is passed. The commands are valid until the next call. A batch that
  /// stays empty means the end.
  public void read(RequestBatch batch) throws IOException {
    Item item = item();
    mayMove = false;
    try {
      while (item != null && item != Item.END) {
        if (item == Item.COMMAND) {
          addTo(batch);
        }
        if (batch.isFull()) {
          return;
        }
        mayMove = batch.isEmpty();
        item = item();
      }
    } finally {
      mayMove = true;
    }
  }

  /// Position in the file of what the offsets of a batch count from.
  long bufferedFrom() {
    return bufferAt;
  }

  /// Gives away the buffer that the last batch stands in, and reads on with another one, whose
  /// contents are forgotten.
  NativeBuffer swapBuffer(NativeBuffer other) {
    sumUpTo(itemEnd);
    NativeBuffer given = buffer;
    other.clear();
    if (other.capacity() > KEPT_BYTES) {
      other.shrinkTo(BUFFER_BYTES);
    }
    int left = given.length() - itemEnd;
    other.reserve(Math.max(left, BUFFER_BYTES));
    other.put(given.address() + itemEnd, left);
    bufferAt += itemEnd;
    itemStart = 0;
    itemEnd = 0;
    summed = 0;
    buffer = other;
    return given;
  }

  private void addTo(RequestBatch batch) {
    long base = buffer.address() + itemStart;
    batch.expectArguments(argumentCount);
    for (int i = 0; i < argumentCount; i++) {
      batch.addArgument(base + arguments[2 * i], arguments[2 * i + 1]);
    }
    batch.endCommand(itemStart, itemEnd);
  }

  /// Null if starved.
  private @Nullable Item item() throws IOException {
    itemStart = itemEnd;
    int first = byteAt(0);
    return switch (first) {
      case STARVED -> null;
      case AT_END -> end();
      case '*' -> command();
      case '#' -> annotation();
      default ->
          throw damage(LogDamage.Kind.FORMAT, 0, "Bad file format: found byte " + first, "'*'");
    };
  }

  private Item end() throws LogDamage {
    if (inTransaction) {
      throw damage(LogDamage.Kind.TRUNCATED, 0, "Unexpected end of file in a transaction", "EXEC");
    }
    return Item.END;
  }

  private @Nullable Item command() throws IOException {
    argumentCount = 0;
    int at = header(0, '*', MAX_ARGUMENTS);
    if (at == STARVED) {
      return null;
    }
    int count = number;
    if (count == 0) {
      throw damage(LogDamage.Kind.FORMAT, 0, "Bad file format: found 0 arguments", "1 or more");
    }
    for (int i = 0; i < count; i++) {
      at = header(at, '$', MAX_ITEM_BYTES);
      if (at == STARVED) {
        return null;
      }
      int length = number;
      if (at > MAX_ITEM_BYTES - length - 2) {
        throw damage(LogDamage.Kind.FORMAT, at, "Bad file format: a command too large", "2 GB");
      }
      if (!has(at + length + 2)) {
        return starvedOrTruncated();
      }
      if (byteAt(at + length) != '\r' || byteAt(at + length + 1) != '\n') {
        throw damage(
            LogDamage.Kind.FORMAT, at + length, "Bad file format: argument goes on", "\\r\\n");
      }
      addArgument(at, length);
      at += length + 2;
    }
    itemEnd = itemStart + at;
    commands++;
    commandBytes += at;
    offset += at;
    if (!commandSinceMark) {
      commandSinceMark = true;
      selectSinceMark = argumentIs("SELECT");
    }
    follow(count);
    return Item.COMMAND;
  }

  /// Keeps track of transactions, which are good as a whole only.
  private void follow(int count) {
    if (count == 1) {
      if (argumentIs("MULTI")) {
        inTransaction = true;
      } else if (argumentIs("EXEC")) {
        inTransaction = false;
      }
    }
    if (!inTransaction) {
      good();
    }
  }

  private void good() {
    goodBytes = position();
    goodOffset = offset;
  }

  private boolean argumentIs(String word) {
    if (arguments[1] != word.length()) {
      return false;
    }
    return arg(0, name).isIgnoringCase(word);
  }

  private final Slice name = new Slice();

  private void addArgument(int at, int length) {
    if (2 * argumentCount == arguments.length) {
      arguments = Arrays.copyOf(arguments, 2 * arguments.length);
    }
    arguments[2 * argumentCount] = at;
    arguments[2 * argumentCount + 1] = length;
    argumentCount++;
  }

  private @Nullable Item starvedOrTruncated() throws LogDamage {
    if (mayMove) {
      throw truncated();
    }
    return null;
  }

  /// What the last [#header] announced.
  private int number;

  /// Reads a line such as `$12\r\n` and returns where the next one begins, or [#STARVED].
  private int header(int start, char marker, int most) throws IOException {
    int at = start;
    int first = byteAt(at++);
    if (first < 0) {
      return starved(first);
    }
    if (first != marker) {
      throw damage(
          LogDamage.Kind.FORMAT, start, "Bad file format: found byte " + first, "'" + marker + "'");
    }
    long value = 0;
    int b = byteAt(at);
    int digits = 0;
    while (b >= '0' && b <= '9' && digits < MAX_DIGITS) {
      value = value * 10 + b - '0';
      digits++;
      b = byteAt(++at);
    }
    if (b >= 0) {
      if (b != '\r' || digits == 0 || value > most) {
        throw damage(LogDamage.Kind.FORMAT, start, "Bad file format: a bad length", "a number");
      }
      b = byteAt(++at);
      if (b >= 0 && b != '\n') {
        throw damage(LogDamage.Kind.FORMAT, start, "Bad file format: a bad length", "a number");
      }
    }
    if (b < 0) {
      return starved(b);
    }
    number = (int) value;
    return at + 1;
  }

  private int starved(int why) throws LogDamage {
    if (why == AT_END) {
      throw truncated();
    }
    return STARVED;
  }

  private LogDamage truncated() {
    return damage(LogDamage.Kind.TRUNCATED, 0, "Unexpected end of file", "the rest of a command");
  }

  // ---- Annotations -----------------------------------------------------------------------------

  private @Nullable Item annotation() throws IOException {
    int at = 0;
    int b;
    while ((b = byteAt(at++)) != '\n') {
      if (b < 0) {
        if (starved(b) == STARVED) {
          return null;
        }
      } else if (at > MAX_LINE_BYTES) {
        throw damage(LogDamage.Kind.FORMAT, 0, "Bad file format: a line too long", "1024 bytes");
      }
    }
    int end = at;
    int textBytes = at - 1;
    if (textBytes > 0 && byteAt(textBytes - 1) == '\r') {
      textBytes--;
    }
    byte[] text = new byte[textBytes];
    Memory.copyOut(buffer.address() + itemStart, text, 0, textBytes);
    line = new String(text, StandardCharsets.ISO_8859_1);
    itemEnd = itemStart + end;
    if (line.startsWith(Mark.START)) {
      verify(line);
      return Item.MARK;
    }
    readTimestamp();
    batchSinceMark |= line.equals(BATCH);
    if (!inTransaction) {
      good();
    }
    return Item.ANNOTATION;
  }

  private void readTimestamp() {
    if (line.startsWith(TIMESTAMP)) {
      String digits = line.substring(TIMESTAMP.length());
      if (digits.matches("[0-9]{1,15}")) {
        wallMillis = Long.parseLong(digits) * MILLIS_PER_SECOND;
      }
    }
  }

  private void verify(String text) throws LogDamage {
    Mark found = Mark.parse(text);
    if (found == null) {
      throw damage(LogDamage.Kind.FORMAT, 0, "Bad file format: a broken mark", "a mark");
    }
    sumUpTo(itemStart + Mark.checkedBytes(text));
    int sum = (int) crc.getValue();
    if (sum != found.crc()) {
      HexFormat hex = HexFormat.of();
      throw damage(
          LogDamage.Kind.CHECKSUM,
          0,
          "Wrong checksum of the bytes since the last mark at "
              + markedBytes
              + ": found "
              + hex.toHexDigits(sum),
          hex.toHexDigits(found.crc()));
    }
    if (inTransaction) {
      throw damage(LogDamage.Kind.ORDER, 0, "A mark within a transaction", "EXEC first");
    }
    long markOffset = found.position().offset();
    if (offsetKnown && offset != markOffset) {
      throw damage(
          LogDamage.Kind.ORDER,
          0,
          "A mark of another place: found offset " + markOffset,
          Long.toString(offset));
    }
    crc.reset();
    summed = itemEnd;
    mark = found;
    marks++;
    offset = markOffset;
    offsetKnown = true;
    wallMillis = Math.max(wallMillis, found.wallMillis());
    durableOffset = found.durableOffset();
    unproven.add(new long[] {markOffset, position()});
    while (!unproven.isEmpty() && unproven.peek()[0] <= durableOffset) {
      provenBytes = unproven.remove()[1];
    }
    good();
    commandSinceMark = false;
    batchSinceMark = false;
    markedBytes = position();
    markedOffset = markOffset;
  }

  // ---- Bytes -----------------------------------------------------------------------------------

  /// The byte so far behind the item's start, [#AT_END] or [#STARVED].
  private int byteAt(int at) throws IOException {
    if (itemStart + at >= buffer.length() && !has(at + 1)) {
      return mayMove ? AT_END : STARVED;
    }
    return Memory.getByte(buffer.address() + itemStart + at) & 0xFF;
  }

  /// Whether so many bytes of the item are there, read if need be.
  private boolean has(int bytes) throws IOException {
    while (buffer.length() - itemStart < bytes) {
      if (!mayMove || !readMore()) {
        return false;
      }
    }
    return true;
  }

  private boolean readMore() throws IOException {
    if (channelEnded) {
      return false;
    }
    if (itemStart > 0) {
      sumUpTo(Math.max(summed, itemStart));
      int gone = itemStart;
      bufferAt += gone;
      buffer.discard(gone);
      summed -= gone;
      itemStart = 0;
      itemEnd = Math.max(0, itemEnd - gone);
    }
    if (buffer.isEmpty() && buffer.capacity() > KEPT_BYTES) {
      buffer.shrinkTo(BUFFER_BYTES);
    }
    int room = buffer.capacity() - buffer.length();
    if (room == 0) {
      room = (int) Math.min(buffer.capacity(), (long) NativeBuffer.MAX_BYTES - buffer.length());
    }
    ByteBuffer free = Memory.asByteBuffer(buffer.reserve(room), room);
    int read = channel.read(free);
    if (read < 0) {
      channelEnded = true;
      return false;
    }
    buffer.advance(read);
    return true;
  }

  private void sumUpTo(int end) {
    if (end > summed) {
      crc.update(Memory.asByteBuffer(buffer.address() + summed, end - summed));
      summed = end;
    }
  }

  private LogDamage damage(LogDamage.Kind kind, int at, String found, String expected) {
    String what =
        kind == LogDamage.Kind.TRUNCATED ? found : found + " (expected: " + expected + ")";
    return new LogDamage(path, bufferAt + itemStart + at, kind, what, this);
  }

  // ---- What was read ---------------------------------------------------------------------------

  /// Arguments of the last command.
  public int argc() {
    return argumentCount;
  }

  /// An argument of the last command, in place.
  public Slice arg(int index, Slice into) {
    int at = arguments[2 * index];
    return into.set(buffer.address() + itemStart + at, arguments[2 * index + 1]);
  }

  /// The last item's bytes, in place.
  public Slice bytes(Slice into) {
    return into.set(buffer.address() + itemStart, itemEnd - itemStart);
  }

  /// The last annotation or mark, without its line end.
  public String line() {
    return line;
  }

  /// The last mark; null before the first.
  public @Nullable Mark mark() {
    return mark;
  }

  public String path() {
    return path;
  }

  /// Where in the file the last item ends.
  public long position() {
    return bufferAt + itemEnd;
  }

  /// Bytes of the file that are whole commands, transactions and lines.
  public long goodBytes() {
    return goodBytes;
  }

  /// The replication offset at [#goodBytes]; -1 if the file has not told.
  public long offset() {
    return offsetKnown ? goodOffset : -1;
  }

  /// Commands read so far, those of a transaction that is not complete included.
  public long commands() {
    return commands;
  }

  /// The bytes of these commands.
  public long commandBytes() {
    return commandBytes;
  }

  public long marks() {
    return marks;
  }

  /// The last time that the file has told, in Unix ms; 0 if none.
  public long wallMillis() {
    return wallMillis;
  }

  /// Where the last mark ends; where reading began if there was none.
  public long markedBytes() {
    return markedBytes;
  }

  /// At the end: whether commands of ours stand behind the last mark. We write none without a mark;
  /// so the end of that batch is missing, and perhaps more of it. Redis, which may have gone on
  /// with our file, begins with SELECT, and says no [#BATCH] before.
  boolean endsWithinBatch() {
    return marks > 0 && (batchSinceMark || (commandSinceMark && !selectSinceMark));
  }

  /// What [#endsWithinBatch] is as damage.
  LogDamage missingMark() {
    return new LogDamage(
        path, position(), LogDamage.Kind.TRUNCATED, "Unexpected end of file before a mark", this);
  }

  /// The replication offset at the last mark.
  public long markedOffset() {
    return markedOffset;
  }

  /// What the last mark says was on disk when it was written.
  public long durableOffset() {
    return durableOffset;
  }

  /// Up to here a mark proves that the file was on disk.
  public long provenBytes() {
    return provenBytes;
  }

  /// At the end: hands over the checksum of the bytes since the last mark, so that who appends to
  /// the file goes on with it.
  public CRC32C takeChecksum() {
    sumUpTo(itemEnd);
    CRC32C taken = crc;
    crc = new CRC32C();
    return taken;
  }

  @Override
  public void close() {
    buffer.close();
  }
}
