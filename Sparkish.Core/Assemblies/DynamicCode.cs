using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Sparkish.Assemblies;

/// <summary>
/// Code that is made at run time, of which the serializer is made. A program with <c>PublishAot</c>, as each program of one source file is unless it says
/// otherwise, denies it in development too, although the runtime has its compiler there.
/// </summary>
internal static class DynamicCode
{
    private const string Switch = "System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported";

    /// <summary>Why this program cannot run the engine; null if it can.</summary>
    public static string? ReasonAgainst() => RuntimeFeature.IsDynamicCodeSupported ? null
        : "this program is compiled ahead of time, or set up for that (PublishAot), and has no code at run time: "
            + "set <PublishAot>false</PublishAot> in its project, or '#:property PublishAot=false' in a program of one source file";

    /// <summary>
    /// Runs before anything of this assembly. The runtime reads the switch once; if something has asked for it before, or the program is really compiled ahead
    /// of time, it stays as it is, and the program is refused.
    /// </summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The switch is read once, so it must be set before any code asks for it.")]
    internal static void Allow()
    {
        if (AppContext.TryGetSwitch(Switch, out var supported) && !supported) AppContext.SetSwitch(Switch, true);
    }
}
