package carnelian.scripting;

/// A function that scripts can call, written in Java.
///
/// Its arguments are the state's stack from index 1 on. It pushes its results and returns how many
/// they are, or throws [LuaError]. The stack has room for twenty values; more have to be asked for.
@FunctionalInterface
interface LuaFunction {
  int call(LuaState lua, long state);
}
