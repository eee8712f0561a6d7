using Sparkish.Serialization.Closures.Analysis;

namespace Sparkish.Serialization.Closures;

/// <summary>
/// Prepares a user's function for sending. The result is a copy without unused captured variables and unused fields of the object around it (<c>this</c>),
/// checked to be serializable.
/// </summary>
public static class ClosureCleaner
{
    /// <summary>
    /// Returns an equivalent function that can be sent; the given one, and the objects that it captures, are unchanged. Captured variables have their current
    /// values: later assignments do not affect the copy. Thread-safe.
    /// </summary>
    /// <param name="function">The user's function.</param>
    /// <param name="operation">The operation that the function is passed to, for the error, such as <c>Map</c>.</param>
    /// <param name="context">The types that may be sent; null for the defaults.</param>
    /// <exception cref="SerializationException">The function captures something that cannot be sent; the message names operation, path and type.</exception>
    public static T Clean<T>(T function, string operation, SerializationContext? context = null) where T : Delegate =>
        Clean(function, operation, "executors", context);

    /// <summary>
    /// Lists the captures that <see cref="Clean{T}(T, string, SerializationContext?)"/> keeps and drops, whether or not the function can be sent.
    /// </summary>
    public static ClosureReport Explain(Delegate function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return CapturesNothing(function) ? new ClosureReport([], [], null) : Cleaning.Of(function, context: null).Report();
    }

    /// <summary>Does the same for a function that does not run on executors; the error names the place.</summary>
    internal static T Clean<T>(T function, string operation, string where, SerializationContext? context = null) where T : Delegate
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(operation);
        if (context?.ReasonAgainstCode?.Invoke(function.Method.Module.Assembly) is { } reason)
            throw new SerializationException($"{operation}(...) cannot run on {where}: {reason}.");
        var (cleaned, refusal, kept) = CapturesNothing(function)
            ? new Cleaning(function, Trial.Of(function, [], context).Refusal, null)
            : Cleaning.Of(function, context);
        return refusal is null ? (T)cleaned : throw new SerializationException(Describe(refusal, cleaned, operation, where, kept), refusal);
    }

    private static bool CapturesNothing(Delegate function) =>
        function.HasSingleTarget && (function.Target is null || CompilerTypes.IsSingleton(function.Target.GetType()));

    private static string Describe(SerializationException refusal, Delegate function, string operation, string where, string? kept)
    {
        var reason = refusal.Reason ?? refusal.Message.TrimEnd('.');
        if (reason.EndsWith(" cannot be sent", StringComparison.Ordinal)) reason += $" to {where}";
        var path = refusal.Path ?? "";
        if (IsMethodOfUserObject(function)) path = path.Length == 0 ? "this" : $"this.{path}";
        var known = CaptureAdvice.For(refusal.RefusedType, reason);
        var advice = known is null ? "" : $"; {known}";
        if (path.Length == 0) return $"{operation}(...) cannot run on {where}: {reason}{(known == CaptureAdvice.Usual ? "" : advice)}.";
        var cause = kept is not null && (path + ".").StartsWith("this.", StringComparison.Ordinal) ? $" (all of this is captured, since {kept})" : "";
        return $"{operation}(...) captures {path}: {reason}{advice}{cause}.";
    }

    // A lambda that uses only members of the object around it is compiled as a method of that object.
    private static bool IsMethodOfUserObject(Delegate function) =>
        function.HasSingleTarget && function.Target is { } target && CompilerTypes.IsGenerated(function.Method) && !CompilerTypes.IsGenerated(target.GetType());
}
