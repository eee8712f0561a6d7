using System.Reflection;
using System.Reflection.Metadata;
using Sparkish.Assemblies;

[assembly: MetadataUpdateHandler(typeof(CodeVersion))]

namespace Sparkish.Assemblies;

/// <summary>
/// Checks whether other machines can run the code of this process. They get the files of its assemblies, so code that differs from its file, or has none, must
/// not be sent.
/// </summary>
internal static class CodeVersion
{
    private static readonly CodeUpdates Updates = new();

    /// <summary>The problem of this process's code as a whole; null if there is none.</summary>
    public static string? ReasonAgainstProgram() => IsTrimmed()
        ? "this program was trimmed (PublishTrimmed), but all of its code and of the engine's is needed: set <PublishTrimmed>false</PublishTrimmed> in its project"
        : null;

    /// <summary>Returns the reason why executors cannot run code of an assembly; null if they can.</summary>
    public static string? ReasonAgainst(Assembly assembly)
    {
        if (Updates.ReasonAgainst(assembly) is { } update) return update;
        var name = AssemblyOfName(assembly);
        return assembly.IsDynamic || (assembly.Location.Length == 0 && !ApplicationFiles.IsOnEveryNode(name) && AssemblySource.Find(name) is null)
            ? $"its code is in assembly {name}, which was created in memory, as for scripts, and has no file to send; use local[...] or a compiled program"
            : null;
    }

    /// <summary>Returns the reason why executors cannot run this process's current code; null if none of it was changed.</summary>
    public static string? ReasonOfUpdates() => Updates.Reason();

    /// <summary>Called by the runtime after a hot reload.</summary>
    internal static void UpdateApplication(Type[]? types) => Updates.Add(types);

    private static string AssemblyOfName(Assembly assembly) => assembly.GetName().Name ?? "without a name";

    // The trimmer removes unreferenced types, and does not recognize a name that is composed at run time.
    private static bool IsTrimmed() => typeof(CodeVersion).Assembly.GetType(string.Concat(typeof(CodeVersion).Namespace, ".", "UntrimmedMark")) is null;
}
