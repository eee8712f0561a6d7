using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Sparkish.Assemblies;

/// <summary>
/// Checks for code generation at run time, which the serializer requires. A program with <c>PublishAot</c>, the default of single-file programs, disables it
/// even during development, although the runtime has its compiler there.
/// </summary>
internal static class DynamicCode
{
    private const string Switch = "System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported";

    /// <summary>The reason why this program cannot run the engine; null if it can.</summary>
    public static string? ReasonAgainst() => RuntimeFeature.IsDynamicCodeSupported ? null
        : "this program is compiled ahead of time, or set up for that (PublishAot), and has no code at run time: "
            + "set <PublishAot>false</PublishAot> in its project, or '#:property PublishAot=false' in a program of one source file";

    /// <summary>
    /// Runs before any other code of this assembly. The runtime reads the switch once. If it was read before, or the program is really compiled ahead of time,
    /// the switch keeps its value, and the program is refused.
    /// </summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The switch is read once, so it must be set before any code asks for it.")]
    internal static void Allow()
    {
        if (AppContext.TryGetSwitch(Switch, out var supported) && !supported) AppContext.SetSwitch(Switch, true);
    }
}
