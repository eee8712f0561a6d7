using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization;

/// <summary>
/// The captured variables that a function uses, itself or through lambdas, local functions, iterators and async methods inside it, and
/// through other functions that it has captured. These may lead to more, so the search goes round until nothing new is found.
/// </summary>
internal sealed class CaptureUse
{
    private const BindingFlags Captured = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly ConditionalWeakTable<Type, FieldInfo[]> Fields = [];

    private readonly HashSet<MemberKey> _used = [];
    private readonly HashSet<MemberKey> _scanned = [];
    private readonly HashSet<object> _visited = new(ReferenceEqualityComparer.Instance);

    public static CaptureUse Of(Delegate function)
    {
        var use = new CaptureUse();
        int before;
        do
        {
            before = use._used.Count;
            use._visited.Clear();
            use.Visit(function);
        }
        while (use._used.Count != before);
        return use;
    }

    /// <summary>The fields of a class of captured variables that are used.</summary>
    public IEnumerable<FieldInfo> UsedFields(Type capture) =>
        Fields.GetValue(capture, static type => type.GetFields(Captured)).Where(field => _used.Contains(MemberKey.Of(field)));

    private void Visit(object? value)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new SerializationException("The function holds a chain of functions that nests too deep: keep them in an array.");
        }

        if (value is Delegate function)
        {
            if (!_visited.Add(function)) return;
            foreach (var part in function.HasSingleTarget ? [function] : function.GetInvocationList())
            {
                if (part.Method.DeclaringType is not null) Scan(part.Method);
                if (part.Target is not null) Visit(part.Target);
            }
        }
        else if (value is not null && CompilerTypes.IsCapture(value.GetType()) && _visited.Add(value))
        {
            foreach (var field in UsedFields(value.GetType()).ToArray())
            {
                if (!field.FieldType.IsValueType) Visit(field.GetValue(value));
            }
        }
    }

    private void Scan(MethodBase root)
    {
        var left = new Stack<MethodBase>([root]);
        while (left.TryPop(out var method))
        {
            if (method.Module.Assembly.IsDynamic || !_scanned.Add(MemberKey.Of(method))) continue;
            var scan = MethodScan.Of(method);
            _used.UnionWith(scan.Fields);
            foreach (var inner in scan.Generated) left.Push(inner);
        }
    }
}
