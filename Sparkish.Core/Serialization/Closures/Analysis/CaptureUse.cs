using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>
/// The parts of captured objects that a function uses: of the compiler's, with captured variables, and of the user's, whose member the function's code is
/// (<c>this</c>). Captured functions add their own uses, so the search repeats until it finds nothing new.
/// </summary>
internal sealed class CaptureUse
{
    private readonly Func<Type, bool> _isPlain;
    private readonly IReadOnlySet<object> _whole;
    private readonly HashSet<MemberKey> _used = [];
    private readonly Dictionary<object, SelfUse> _selves = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _visited = new(ReferenceEqualityComparer.Instance);
    private string? _finalized;
    private bool _grew;

    private CaptureUse(Func<Type, bool> isPlain, IReadOnlySet<object> whole)
    {
        _isPlain = isPlain;
        _whole = whole;
    }

    /// <summary>The first reason to keep an object around a function whole, a sentence without a full stop; null if parts of it may be dropped.</summary>
    public string? Escape => _selves.Values.Select(self => self.Escape).FirstOrDefault(escape => escape is not null) ?? _finalized;

    /// <summary>Finds the parts that a function uses.</summary>
    /// <param name="function">The user's function.</param>
    /// <param name="isPlain">Whether objects of a class are sent field by field, so that fields may be omitted.</param>
    /// <param name="whole">Objects that are sent as they are.</param>
    /// <exception cref="InsufficientExecutionStackException">Captured functions nest too deep.</exception>
    public static CaptureUse Of(Delegate function, Func<Type, bool> isPlain, IReadOnlySet<object> whole)
    {
        var use = new CaptureUse(isPlain, whole);
        do
        {
            use._grew = false;
            use._visited.Clear();
            use.Visit(function);
        }
        while (use._grew);
        return use;
    }

    /// <summary>Whether a copy of an object is sent: it is the compiler's, or the analyzed one around a function.</summary>
    public bool IsPruned(object value) =>
        !_whole.Contains(value) && (CompilerTypes.IsCapture(value.GetType()) || (_selves.TryGetValue(value, out var self) && self.IsPruned));

    /// <summary>Whether the object is around a function.</summary>
    public bool IsSelf(object value) => _selves.ContainsKey(value);

    /// <summary>Whether a field of an object that is pruned is used.</summary>
    public bool IsUsed(object owner, CapturedField field) =>
        _selves.TryGetValue(owner, out var self) ? self.Fields.Contains(field.Key) : _used.Contains(field.Key);

    private void Visit(object? value)
    {
        if (value is null) return;
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (value is Delegate function)
        {
            if (!_visited.Add(function)) return;
            foreach (var part in FunctionParts.Of(function)) VisitPart(part);
        }
        else if (FunctionHolders.IsHolder(value.GetType()))
        {
            if (!value.GetType().IsValueType && !_visited.Add(value)) return;
            foreach (var part in FunctionHolders.PartsOf(value)) Visit(part);
        }
        else if (IsPruned(value) && _visited.Add(value))
        {
            foreach (var field in CapturedField.Of(value.GetType()))
            {
                if ((field.MayLeadOn || field.IsOuterThis) && IsUsed(value, field)) Visit(field.Info.GetValue(value));
            }
        }
    }

    private void VisitPart(Delegate part)
    {
        if (part.Method.DeclaringType is null) return;
        var self = FunctionParts.SelfOf(part);
        if (self is not null && (_whole.Contains(self) || !IsPrunable(self.GetType()))) self = null;
        var use = FunctionUse.Of(part.Method, self?.GetType());
        foreach (var field in use.Captures) _grew |= _used.Add(field);
        if (self is not null) Note(self, use);
        Visit(part.Target);
    }

    private void Note(object self, FunctionUse use)
    {
        if (!_selves.TryGetValue(self, out var known))
        {
            _selves.Add(self, known = new SelfUse(CapturedField.Of(self.GetType()).Length > 0));
            _grew = true;
        }

        foreach (var field in use.Fields) _grew |= known.Fields.Add(field);
        if (known.Escape is not null || use.Escape is null) return;
        known.Escape = use.Escape;
        _grew = true;
    }

    private bool IsPrunable(Type type)
    {
        if (type.IsValueType || !_isPlain(type)) return false;
        if (!Finalizers.Has(type)) return true;

        // The finalizer of a copy would run too, and find other fields than it expects.
        _finalized = $"{type.Name} has a finalizer";
        return false;
    }

    private sealed class SelfUse(bool hasFields)
    {
        public HashSet<MemberKey> Fields { get; } = [];

        public string? Escape { get; set; }

        public bool IsPruned => hasFields && Escape is null;
    }
}
