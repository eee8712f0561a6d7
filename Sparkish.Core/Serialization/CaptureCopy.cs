using System.Runtime.CompilerServices;

namespace Sparkish.Serialization;

/// <summary>Copies functions with the captured variables that they use; whatever is not the compiler's own object is shared with the original.</summary>
internal sealed class CaptureCopy(CaptureUse use)
{
    private readonly Dictionary<object, object> _copies = new(ReferenceEqualityComparer.Instance);

    public Delegate Of(Delegate function)
    {
        if (_copies.TryGetValue(function, out var known)) return (Delegate)known;
        if (!function.HasSingleTarget) return Delegate.Combine(Array.ConvertAll(function.GetInvocationList(), Of))!;
        if (function.Target is null || !CompilerTypes.IsCapture(function.Target.GetType())) return function;
        var target = OfCapture(function.Target);

        // The function may be among its own captured variables, and then it has just been copied.
        if (_copies.TryGetValue(function, out known)) return (Delegate)known;
        var copy = Delegate.CreateDelegate(function.GetType(), target, function.Method);
        _copies.Add(function, copy);
        return copy;
    }

    private object OfCapture(object capture)
    {
        if (_copies.TryGetValue(capture, out var known)) return known;
        var copy = RuntimeHelpers.GetUninitializedObject(capture.GetType());
        _copies.Add(capture, copy);
        foreach (var field in use.UsedFields(capture.GetType()))
        {
            var value = field.GetValue(capture);
            field.SetValue(copy, value switch
            {
                Delegate function => Of(function),
                not null when CompilerTypes.IsCapture(value.GetType()) => OfCapture(value),
                _ => value,
            });
        }

        return copy;
    }
}
