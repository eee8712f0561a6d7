using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>
/// The uses of a function's code. They include those of lambdas, local functions, iterators and async methods inside it, and of the methods that it calls on
/// the object around it.
/// </summary>
/// <param name="Captures">Fields of compiler-generated types.</param>
/// <param name="Fields">Fields of the object around the function.</param>
/// <param name="Escape">
/// The reason why that object must be kept whole, as a sentence without a full stop; null if only <paramref name="Fields"/> are needed.
/// </param>
internal sealed record FunctionUse(IReadOnlyList<MemberKey> Captures, IReadOnlyList<MemberKey> Fields, string? Escape)
{
    // Code with a larger call graph is sent with everything that it may need.
    private const int MostMethods = 2_000;

    // Keyed by type, so that entries of an unloaded assembly are released with it.
    private static readonly ConditionalWeakTable<Type, ConcurrentDictionary<MemberKey, FunctionUse>> OnSelf = [];
    private static readonly ConditionalWeakTable<Type, ConcurrentDictionary<MemberKey, FunctionUse>> Alone = [];

    /// <summary>Analyzes a method, once per class of the object around it.</summary>
    /// <param name="method">A method with a declaring type.</param>
    /// <param name="self">The class of the object around the code; null without one, or if it is sent whole anyway.</param>
    public static FunctionUse Of(MethodBase method, Type? self)
    {
        var known = self is null ? Alone.GetOrCreateValue(method.DeclaringType!) : OnSelf.GetOrCreateValue(self);
        var key = MemberKey.Of(method);
        return known.TryGetValue(key, out var use) ? use : known.GetOrAdd(key, Compute(method, self));
    }

    private static FunctionUse Compute(MethodBase root, Type? self)
    {
        var captures = new HashSet<MemberKey>();
        var fields = new HashSet<MemberKey>();
        string? escape = null;
        var done = new HashSet<MemberKey>();
        var left = new Stack<MethodBase>([DefinitionOf(root, self)]);
        while (left.TryPop(out var method))
        {
            if (!done.Add(MemberKey.Of(method))) continue;
            if (method.Module.Assembly.IsDynamic)
            {
                escape ??= $"{NameOf(method)} is generated at run time";
                continue;
            }

            var scan = MethodScan.Of(method);
            captures.UnionWith(scan.Fields);
            foreach (var inner in scan.Generated) left.Push(inner);
            if (self is null || escape is not null) continue;
            var flow = SelfFlow.Of(method, self);
            fields.UnionWith(flow.Fields);
            foreach (var called in flow.Called) left.Push(called);
            escape = flow.Escape is null ? null : $"{NameOf(method)} {flow.Escape}";
            if (done.Count > MostMethods) escape ??= $"{NameOf(root)} leads through more than {MostMethods} methods";
        }

        return new FunctionUse([.. captures], [.. fields], escape);
    }

    // The result holds for all type arguments of the function; those of the object's class are known.
    private static MethodBase DefinitionOf(MethodBase method, Type? self) =>
        self is not null && !method.IsStatic && Dispatch.Exact(method, self) is { } own ? own : method.Module.ResolveMethod(method.MetadataToken)!;

    // A lambda is identified by its containing method: <Bad>b__0, <Bad>g__Local|1_0, <Bad>d__3.MoveNext for an async method, and in F# Bad@7.Invoke.
    private static string NameOf(MethodBase method)
    {
        var name = method.Name.StartsWith('<') || method.DeclaringType is not { } type || !CompilerTypes.IsGenerated(type) ? method.Name : type.Name;
        if (CompilerTypes.IsBasicLambda(name)) return "the function";
        name = name.TrimStart('<');
        var end = name.IndexOfAny(['>', '@']);
        return end > 0 ? name[..end] : name;
    }
}
