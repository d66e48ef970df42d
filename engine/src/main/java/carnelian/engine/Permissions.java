package carnelian.engine;

import org.jspecify.annotations.Nullable;

/// Port: what users may do. Asked only for clients that are [Client#isRestricted]; the engine
/// itself sees whether a client has authenticated.
public interface Permissions {
  /// Where a call was refused, for the audit.
  enum Context {
    TOPLEVEL,
    MULTI,
    LUA
  }

  /// Null if the client's user may run this call, else why not. A refusal is put on record.
  @Nullable Denial check(Call call, Context context);

  /// Whether the client's user may run this call; nothing is put on record.
  boolean permits(Call call);

  /// Whether the client's user may run this call and read any key besides those that it names.
  boolean mayReadAnyKey(Call call);

  /// Everybody may do everything.
  Permissions ALL =
      new Permissions() {
        @Override
        public @Nullable Denial check(Call call, Context context) {
          return null;
        }

        @Override
        public boolean permits(Call call) {
          return true;
        }

        @Override
        public boolean mayReadAnyKey(Call call) {
          return true;
        }
      };
}
