namespace Sparkish.Serialization;

/// <summary>Prepares a user's function for its journey: a copy without the captured fields that it does not use, checked to be serializable.</summary>
public static class ClosureCleaner
{
    /// <summary>
    /// Returns a function that does the same and can be sent; the given one is left as it is. Captured variables have the values of this
    /// moment: later assignments do not reach the copy.
    /// </summary>
    /// <param name="function">The user's function.</param>
    /// <param name="operation">The operation that takes it, for the error, such as <c>Map</c>.</param>
    /// <param name="context">What may be sent; null for the defaults.</param>
    /// <exception cref="SerializationException">It captures something that cannot be sent; the message names operation, path and type.</exception>
    public static T Clean<T>(T function, string operation, SerializationContext? context = null) where T : Delegate =>
        Clean(function, operation, "executors", context);

    /// <summary>Does the same for a function that runs elsewhere than on executors; the error says where.</summary>
    internal static T Clean<T>(T function, string operation, string where, SerializationContext? context = null) where T : Delegate
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(operation);
        var cleaned = CapturesNothing(function) ? function : (T)new CaptureCopy(CaptureUse.Of(function)).Of(function);
        Verify(cleaned, operation, where, context);
        return cleaned;
    }

    private static bool CapturesNothing(Delegate function) =>
        function.HasSingleTarget && (function.Target is null || CompilerTypes.IsSingleton(function.Target.GetType()));

    private static void Verify(Delegate function, string operation, string where, SerializationContext? context)
    {
        var writer = ObjectWriter.Rent(new ByteWriter { Context = context });
        try
        {
            writer.IsTrial = true;
            writer.Write(function);
        }
        catch (SerializationException e)
        {
            throw new SerializationException(Describe(e, function, operation, where), e);
        }
        finally
        {
            writer.Return();
        }
    }

    private static string Describe(SerializationException refusal, Delegate function, string operation, string where)
    {
        var reason = refusal.Reason ?? refusal.Message.TrimEnd('.');
        if (reason.EndsWith(" cannot be sent", StringComparison.Ordinal)) reason += $" to {where}";
        var path = refusal.Path ?? "";
        if (IsMethodOfUserObject(function)) path = path.Length == 0 ? "this" : $"this.{path}";
        return path.Length == 0
            ? $"{operation}(...) cannot run on {where}: {reason}."
            : $"{operation}(...) captures {path}: {reason}; make it inside the function, or copy what the function needs of it to a local variable.";
    }

    // A lambda that uses only members of the object around it is compiled as a method of that object, and so captures all of it.
    private static bool IsMethodOfUserObject(Delegate function) =>
        function.HasSingleTarget && function.Target is { } target && CompilerTypes.IsGenerated(function.Method) && !CompilerTypes.IsCapture(target.GetType())
        && !CompilerTypes.IsSingleton(target.GetType());
}
