using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization;

/// <summary>Tells the platform's own assemblies from those of applications, by the keys they are signed with.</summary>
internal static class FrameworkAssemblies
{
    private static readonly HashSet<string> Tokens =
        ["7CEC85D7BEA7798E", "B03F5F7F11D50A3A", "B77A5C561934E089", "CC7B13FFCD2DDD51", "ADB9793829DDAE60", "31BF3856AD364E35"];

    private static readonly ConditionalWeakTable<Assembly, object> Known = [];

    public static bool Contains(Assembly assembly) => (bool)Known.GetValue(assembly, static assembly => IsSignedByPlatform(assembly));

    private static bool IsSignedByPlatform(Assembly assembly) =>
        assembly.GetName().GetPublicKeyToken() is { Length: 8 } token && Tokens.Contains(Convert.ToHexString(token));
}
