package carnelian.embedded.junit;

import carnelian.embedded.Carnelian;
import carnelian.embedded.CarnelianBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Starts and ends the stores that [CarnelianTest] asks for. Only what JUnit 5 has too is used of
/// JUnit 6; stores are closed in the callbacks, because 5 closes by another interface.
public final class CarnelianExtension
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback,
        ParameterResolver {
  private static final ExtensionContext.Namespace STORES =
      ExtensionContext.Namespace.create(CarnelianExtension.class);

  /// Of the store that lives in a context.
  private static final String OWN = "own";

  /// A store, and whether it is emptied before each test.
  private record Held(Carnelian carnelian, boolean flush, ExtensionContext owner) {}

  /// JUnit makes it.
  public CarnelianExtension() {}

  @Override
  public void beforeAll(ExtensionContext context) {
    CarnelianTest wanted = onClass(context);
    if (wanted != null
        && wanted.lifecycle() == CarnelianTest.Lifecycle.PER_CLASS
        && (isOn(context.getRequiredTestClass()) || held(context) == null)) {
      hold(context, wanted);
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    CarnelianTest ofMethod = context.getRequiredTestMethod().getAnnotation(CarnelianTest.class);
    CarnelianTest ofClass = onClass(context);
    if (ofMethod != null) {
      hold(context, ofMethod);
    } else if (ofClass != null && ofClass.lifecycle() == CarnelianTest.Lifecycle.PER_METHOD) {
      hold(context, ofClass);
    } else {
      renew(context);
    }
  }

  /// As good as new, for the next test.
  private static void renew(ExtensionContext context) {
    Held held = held(context);
    if (held == null || held.carnelian().isClosed()) {
      return;
    }
    held.carnelian().faults().clear();
    if (held.flush()) {
      held.carnelian().flushAll();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    release(context);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    release(context);
  }

  private static void hold(ExtensionContext context, CarnelianTest wanted) {
    CarnelianBuilder builder = Carnelian.builder();
    for (String line : wanted.config()) {
      builder.directive(line);
    }
    if (wanted.virtualClock()) {
      builder.virtualClock();
    }
    if (wanted.directory()) {
      builder.temporaryDirectory();
    }
    if (!wanted.port()) {
      builder.noPort();
    }
    context.getStore(STORES).put(OWN, new Held(builder.start(), wanted.flush(), context));
  }

  /// Closes the store of this very context, not of one above it.
  private static void release(ExtensionContext context) {
    Held held = held(context);
    if (held != null && held.owner().getUniqueId().equals(context.getUniqueId())) {
      Object _ = context.getStore(STORES).remove(OWN);
      held.carnelian().close();
    }
  }

  /// The store of the context or of one above it.
  private static @Nullable Held held(ExtensionContext context) {
    return context.getStore(STORES).get(OWN, Held.class);
  }

  private static boolean isOn(Class<?> tests) {
    return tests.isAnnotationPresent(CarnelianTest.class);
  }

  /// The annotation of the class, of one that it extends, or of one that it is nested in.
  private static @Nullable CarnelianTest onClass(ExtensionContext context) {
    Class<?> tests = context.getTestClass().orElse(null);
    while (tests != null) {
      if (isOn(tests)) {
        return tests.getAnnotation(CarnelianTest.class);
      }
      tests = tests.getEnclosingClass();
    }
    return null;
  }

  // ---- Parameters ------------------------------------------------------------------------------

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Carnelian.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Held held = held(context);
    if (held == null) {
      throw new ParameterResolutionException(
          "there is no store here: one that lives as long as a test is not there before it"
              + " (lifecycle = PER_CLASS makes it live as long as the class)");
    }
    return held.carnelian();
  }
}
