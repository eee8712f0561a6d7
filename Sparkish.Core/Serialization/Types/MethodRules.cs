using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sparkish.Serialization.Types;

/// <summary>
/// The methods whose delegates may be sent, beyond the rules of <see cref="TypeAdmission"/> for their types. Bytes may name any method, so only methods are
/// allowed that compilers and Sparkish's own operations convert to delegates.
/// </summary>
internal static class MethodRules
{
    private const MethodImplAttributes External = MethodImplAttributes.CodeTypeMask | MethodImplAttributes.InternalCall | MethodImplAttributes.Unmanaged;

    // Analyzing a method's body takes longer than reading the delegate. Methods of unloaded applications must not be kept.
    private static readonly ConditionalWeakTable<MethodInfo, Verdict> Known = [];

    /// <summary>The reason why delegates to a method cannot be sent, without a full stop; null if they can.</summary>
    public static string? Refusal(MethodInfo method) => Known.GetValue(method, static method => new Verdict(Judge(method))).Refusal;

    private static string? Judge(MethodInfo method)
    {
        var type = method.DeclaringType!;
        if (FrameworkAssemblies.Contains(type.Assembly))
            return method is { IsSpecialName: true, IsStatic: true } && method.Name.StartsWith("set_", StringComparison.Ordinal)
                ? $"delegates to {Name(method)}, which changes the process, cannot be sent: call it in a lambda of your program"
                : null;
        if (IsExternal(method)) return $"delegates to {Name(method)}, which is native code, cannot be sent: call it in a lambda of your program";
        if (SparkishAssemblies.Contains(type.Assembly) && !IsOfOperation(type))
            return $"delegates to {Name(method)}, a method of Sparkish, cannot be sent: call it in a lambda of your program";
        return method.IsStatic && AssemblyNames.Of(type.Assembly) is "FSharp.Core"
            ? $"delegates to {Name(method)} cannot be sent: call it in a lambda of your program"
            : null;
    }

    // A method with LibraryImport may have a body, which only calls the native code.
    private static bool IsExternal(MethodInfo method) =>
        method.Attributes.HasFlag(MethodAttributes.PinvokeImpl)
        || (method.MethodImplementationFlags & External) != MethodImplAttributes.IL
        || method.IsDefined(typeof(LibraryImportAttribute), inherit: false)
        || (!method.IsAbstract && method.GetMethodBody() is null);

    private static bool IsOfOperation(Type type)
    {
        var outermost = type;
        while (outermost.DeclaringType is { } outer) outermost = outer;
        return outermost != type && outermost.IsDefined(typeof(SendsFunctionsAttribute), inherit: false);
    }

    private static string Name(MethodInfo method) => $"{method.DeclaringType}.{method.Name}";

    private sealed record Verdict(string? Refusal);
}
