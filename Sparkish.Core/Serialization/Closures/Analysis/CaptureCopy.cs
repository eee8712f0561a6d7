using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>Copies functions together with the captured objects that they use in part; everything else is shared with the original.</summary>
internal sealed class CaptureCopy(CaptureUse use)
{
    private readonly Dictionary<object, object> _copies = new(ReferenceEqualityComparer.Instance);

    /// <summary>The objects that are replaced by copies, the compiler's and the user's.</summary>
    public IEnumerable<object> Originals => _copies.Keys.Where(original => original is not Delegate && !FunctionHolders.IsHolder(original.GetType()));

    public Delegate Of(Delegate function)
    {
        if (_copies.TryGetValue(function, out var known)) return (Delegate)known;
        if (!function.HasSingleTarget) return Delegate.Combine(Array.ConvertAll(function.GetInvocationList(), Of))!;
        if (function.Target is not { } original || !use.IsPruned(original)) return function;
        var target = OfObject(original);

        // The function may be one of its own captured variables, and then it has just been copied.
        if (_copies.TryGetValue(function, out known)) return (Delegate)known;
        var copy = FunctionParts.Make(function.GetType(), target, function.Method)!;
        _copies.Add(function, copy);
        return copy;
    }

    private object? OfValue(object? value) => value switch
    {
        null => null,
        Delegate function => Of(function),
        _ when FunctionHolders.IsHolder(value.GetType()) => OfHolder(value),
        _ when CompilerTypes.IsCapture(value.GetType()) && use.IsPruned(value) => OfObject(value),
        _ => value,
    };

    private object OfObject(object original)
    {
        if (_copies.TryGetValue(original, out var known)) return known;
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var copy = RuntimeHelpers.GetUninitializedObject(original.GetType());
        _copies.Add(original, copy);
        foreach (var field in CapturedField.Of(original.GetType()))
        {
            if (!use.IsUsed(original, field)) continue;
            var value = field.Info.GetValue(original);
            if (field.MayLeadOn) value = OfValue(value);
            else if (field.IsOuterThis && value is not null && use.IsPruned(value)) value = OfObject(value);
            field.Info.SetValue(copy, value);
        }

        return copy;
    }

    private object OfHolder(object holder)
    {
        if (_copies.TryGetValue(holder, out var known)) return known;
        if (!LeadsToCopies(holder)) return holder;
        var copy = FunctionHolders.CopyOf(holder);
        if (!holder.GetType().IsValueType) _copies.Add(holder, copy);
        FunctionHolders.Fill(copy, holder, OfValue);
        return copy;
    }

    private bool LeadsToCopies(object holder) => FunctionHolders.PartsOf(holder).Any(part => part switch
    {
        null => false,
        Delegate function => Array.Exists(FunctionParts.Of(function), single => single.Target is { } target && use.IsPruned(target)),
        _ => FunctionHolders.IsHolder(part.GetType()) && LeadsToCopies(part),
    });
}
