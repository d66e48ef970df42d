package carnelian.engine;

import java.util.List;
import java.util.function.Supplier;

/// Commands that are declared together, when one of them is first asked for: declaring all there
/// are takes longer than everything else that a start does.
///
/// @param names as the commands have them, in the same order, with a blank between two. A constant
///   that stands beside the commands, so that it can be had without them; [CommandTable] checks it
/// @param commands declares them; once for each table, on the engine's loop
public record CommandFamily(String names, Supplier<List<Command>> commands) {}
