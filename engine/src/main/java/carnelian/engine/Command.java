package carnelian.engine;

import carnelian.base.Invariant;
import carnelian.command.Declaration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A command: what is declared of it, and the method that runs it.
///
/// Immutable and shared by all engines of a process; what an engine counts of a command stands in
/// its [CommandEntry]. A container (`CONFIG`) has subcommands instead of a handler.
public final class Command {
  private final Declaration declaration;
  private final @Nullable Handler handler;
  private final List<Command> subcommands;
  private final @Nullable AdmissionFlags admissionFlags;

  private Command(Declaration declaration, @Nullable Handler handler, List<Command> subcommands) {
    this(declaration, handler, subcommands, null);
  }

  private Command(
      Declaration declaration,
      @Nullable Handler handler,
      List<Command> subcommands,
      @Nullable AdmissionFlags admissionFlags) {
    this.declaration = declaration;
    this.handler = handler;
    this.subcommands = subcommands;
    this.admissionFlags = admissionFlags;
  }

  public static Command command(Declaration.Builder declaration, Handler handler) {
    return new Command(declaration.build(), handler, List.of());
  }

  /// Port: which flags a call has, besides those of its command: a script's are its own business.
  @FunctionalInterface
  public interface AdmissionFlags {
    /// The bits of [CommandFlag].
    int of(Call call, int declared);
  }

  /// A command that may take long and call [Engine#turn].
  public static Command turning(
      Declaration.Builder declaration, AdmissionFlags flags, Handler handler) {
    return new Command(declaration.build(), handler, List.of(), flags);
  }

  /// A command that only names its subcommands.
  public static Command container(Declaration.Builder declaration, List<Command> subcommands) {
    Invariant.check(!subcommands.isEmpty(), "a container has subcommands");
    return new Command(declared(declaration, subcommands), null, List.copyOf(subcommands));
  }

  /// A command that runs by itself and also has subcommands: `COMMAND`.
  public static Command container(
      Declaration.Builder declaration, Handler handler, List<Command> subcommands) {
    return new Command(declared(declaration, subcommands), handler, List.copyOf(subcommands));
  }

  private static Declaration declared(Declaration.Builder declaration, List<Command> subcommands) {
    List<Declaration> declarations = new ArrayList<>();
    for (Command subcommand : subcommands) {
      declarations.add(subcommand.declaration);
    }
    return declaration.subcommands(declarations).build();
  }

  public Declaration declaration() {
    return declaration;
  }

  /// Null only for a container that cannot be called without a subcommand.
  public @Nullable Handler handler() {
    return handler;
  }

  boolean takesTurns() {
    return admissionFlags != null;
  }

  /// The flags of a call of a command that takes turns.
  int admissionFlags(Call call, int declared) {
    return admissionFlags == null ? declared : admissionFlags.of(call, declared);
  }

  public List<Command> subcommands() {
    return subcommands;
  }

  @Override
  public String toString() {
    return declaration.name();
  }
}
