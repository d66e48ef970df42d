package carnelian.datatypes;

import carnelian.engine.Call;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import org.jspecify.annotations.Nullable;

/// What stands behind the key of a command on named fields: `FIELDS numfields field …`, and the
/// command's own options before or after it.
///
/// @param first argument of the first field
/// @param count number of fields
/// @param options which of the words were there
/// @param unit what the number at `expiryAt` stands for; null without one
record HashFieldArguments(
    int first, int count, int options, Deadlines.@Nullable Unit unit, int expiryAt) {

  static final int NX = 1;
  static final int XX = 1 << 1;
  static final int GT = 1 << 2;
  static final int LT = 1 << 3;
  static final int FNX = 1 << 4;
  static final int FXX = 1 << 5;
  static final int PERSIST = 1 << 6;
  static final int KEEPTTL = 1 << 7;

  /// `EX`, `PX`, `EXAT` or `PXAT` with a number.
  static final int EXPIRY = 1 << 8;

  static final int CONDITIONS = NX | XX | GT | LT;
  static final int EXISTENCE = FNX | FXX;

  /// Redis's limit for a deadline of a field: 46 bits.
  static final long MAX_DEADLINE = (1L << 46) - 1;

  private static final ReplyError NO_FIELDS =
      ReplyError.err("Mandatory argument FIELDS is missing or not at the right position");
  private static final ReplyError FIELDS_TWICE =
      ReplyError.err("FIELDS keyword specified multiple times");
  private static final ReplyError COUNT_NOT_POSITIVE =
      ReplyError.err("Parameter `numFields` should be greater than 0");
  private static final ReplyError COUNT_INVALID = ReplyError.err("invalid number of fields");
  private static final ReplyError COUNT_MISMATCH =
      ReplyError.err("The `numfields` parameter must match the number of arguments");
  private static final ReplyError TWO_CONDITIONS =
      ReplyError.err("Only one of NX, XX, GT or LT arguments can be specified");
  private static final ReplyError TWO_EXISTENCES =
      ReplyError.err("Only one of FXX or FNX arguments can be specified");
  private static final ReplyError PERSIST_AND_EXPIRY =
      ReplyError.err("Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified");
  private static final ReplyError KEEPTTL_AND_EXPIRY =
      ReplyError.err("Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified");
  private static final ReplyError NEGATIVE = ReplyError.err("invalid expire time, must be >= 0");

  /// Reads the arguments from `from` on. `accepted` are the options that the command has, `step`
  /// how many arguments belong to one field.
  static HashFieldArguments of(Call call, int from, int accepted, int step) {
    int first = 0;
    int count = 0;
    int options = 0;
    int expiryAt = 0;
    Deadlines.Unit unit = null;
    int i = from;
    while (i < call.argc()) {
      if (call.is(i, "FIELDS")) {
        if (first != 0) {
          throw FIELDS_TWICE;
        }
        count = count(call, i + 1, accepted, step);
        first = i + 2;
        i = first + count * step;
        continue;
      }
      int option = option(call, i) & accepted;
      Deadlines.Unit given =
          option == 0 && (accepted & EXPIRY) != 0 ? Deadlines.unit(call, i) : null;
      if (given != null && i + 1 < call.argc()) {
        option = EXPIRY;
        unit = given;
        expiryAt = ++i;
      } else if (option == 0) {
        throw first == 0 ? NO_FIELDS : COUNT_MISMATCH;
      }
      checkTogether(options, option, accepted);
      options |= option;
      i++;
    }
    if (first == 0) {
      throw NO_FIELDS;
    }
    return new HashFieldArguments(first, count, options, unit, expiryAt);
  }

  private static int count(Call call, int argument, int accepted, int step) {
    ReplyError invalid = (accepted & EXPIRY) != 0 ? COUNT_INVALID : COUNT_NOT_POSITIVE;
    if (argument >= call.argc()) {
      throw NO_FIELDS;
    }
    long count = call.integer(argument, 1, Integer.MAX_VALUE, invalid);
    if (count * step > call.argc() - argument - 1) {
      throw COUNT_MISMATCH;
    }
    return (int) count;
  }

  private static int option(Call call, int argument) {
    if (call.is(argument, "NX")) {
      return NX;
    }
    if (call.is(argument, "XX")) {
      return XX;
    }
    if (call.is(argument, "GT")) {
      return GT;
    }
    if (call.is(argument, "LT")) {
      return LT;
    }
    if (call.is(argument, "FNX")) {
      return FNX;
    }
    if (call.is(argument, "FXX")) {
      return FXX;
    }
    if (call.is(argument, "PERSIST")) {
      return PERSIST;
    }
    return call.is(argument, "KEEPTTL") ? KEEPTTL : 0;
  }

  private static void checkTogether(int options, int option, int accepted) {
    if ((option & CONDITIONS) != 0 && (options & CONDITIONS) != 0) {
      throw TWO_CONDITIONS;
    }
    if ((option & EXISTENCE) != 0 && (options & EXISTENCE) != 0) {
      throw TWO_EXISTENCES;
    }
    int expiries = PERSIST | KEEPTTL | EXPIRY;
    if ((option & expiries) != 0 && (options & expiries) != 0) {
      throw (accepted & PERSIST) != 0 ? PERSIST_AND_EXPIRY : KEEPTTL_AND_EXPIRY;
    }
  }

  boolean has(int option) {
    return (options & option) != 0;
  }

  /// The deadline that the options ask for, or [Database#NO_DEADLINE].
  long deadline(Call call) {
    return unit == null
        ? Database.NO_DEADLINE
        : checked(call, Deadlines.millis(call, expiryAt, unit));
  }

  /// The deadline that an argument says; it may be now or in the past.
  static long deadline(Call call, int argument, Deadlines.Unit unit) {
    long given = call.integer(argument);
    if (given < 0) {
      throw NEGATIVE;
    }
    return checked(call, Deadlines.millis(call, given, unit));
  }

  private static long checked(Call call, long deadline) {
    if (deadline > MAX_DEADLINE) {
      throw ReplyError.invalidExpireTime(call.name());
    }
    return deadline;
  }

  /// A field without a deadline lives for ever: later than any.
  boolean holds(long present, long wanted) {
    boolean has = present != Database.NO_DEADLINE;
    return (!has(NX) || !has)
        && (!has(XX) || has)
        && (!has(GT) || (has && wanted > present))
        && (!has(LT) || !has || wanted < present);
  }
}
