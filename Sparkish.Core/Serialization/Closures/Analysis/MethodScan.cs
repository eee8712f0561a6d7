using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>The references of one method's body: fields of compiler-generated types, and methods generated from code inside the body.</summary>
internal sealed record MethodScan(IReadOnlyList<MemberKey> Fields, IReadOnlyList<MethodBase> Generated)
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly ConditionalWeakTable<Module, ConcurrentDictionary<int, MethodScan>> Scans = [];

    public static MethodScan Of(MethodBase method) =>
        Scans.GetOrCreateValue(method.Module).GetOrAdd(method.MetadataToken, static (token, module) => Scan(module.ResolveMethod(token)!), method.Module);

    private static MethodScan Scan(MethodBase method)
    {
        var fields = new HashSet<MemberKey>();
        var generated = new Dictionary<MemberKey, MethodBase>();
        foreach (var part in StateMachineOf(method)) generated[MemberKey.Of(part)] = part;
        var tokens = new IlTokens(method);
        foreach (var instruction in IlReader.Read(method.GetMethodBody()))
        {
            switch (tokens.Member(instruction))
            {
                case FieldInfo { DeclaringType: { } type } field when CompilerTypes.IsGenerated(type): fields.Add(MemberKey.Of(field)); break;
                case MethodBase called when CompilerTypes.IsGenerated(called):
                    foreach (var part in FSharpClosures.CodeMadeBy(called).Prepend(called)) generated[MemberKey.Of(part)] = part;
                    break;
            }
        }

        return new MethodScan([.. fields], [.. generated.Values]);
    }

    // The finally blocks of an iterator are methods too, which only its Dispose may call.
    private static MethodInfo[] StateMachineOf(MethodBase method) =>
        method.GetCustomAttribute<StateMachineAttribute>()?.StateMachineType.GetMethods(Declared) ?? [];
}
