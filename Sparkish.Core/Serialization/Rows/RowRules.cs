using Sparkish.Serialization.Graphs;

namespace Sparkish.Serialization.Rows;

/// <summary>Refuses types of rows of which no value can be sent, before there is any row.</summary>
internal static class RowRules
{
    /// <summary>Advice on alternatives: the end of a sentence.</summary>
    public const string Advice = "send a string, a record or a tuple of the needed values, or register a surrogate";

    /// <summary>Refuses a type at the call of an operation that would send its values.</summary>
    /// <param name="operation">The operation, for the error.</param>
    /// <param name="serializer">Writes the rows; one supplied by the application checks for itself what it can write.</param>
    /// <param name="context">The admitted types.</param>
    /// <exception cref="SerializationException">No value of the type can be sent.</exception>
    public static void Require<T>(string operation, Serializer serializer, SerializationContext context)
    {
        if (!ReferenceEquals(serializer, Serializer.Default) || Refusal(typeof(T), context) is not { } reason) return;
        throw new SerializationException($"{operation}(...): {WithAdvice(reason)}.");
    }

    /// <summary>Adds advice to a reason, unless it contains some.</summary>
    public static string WithAdvice(string reason) => reason.Contains(": ", StringComparison.Ordinal) ? reason : $"{reason}; {Advice}";

    private static string? Refusal(Type type, SerializationContext context)
    {
        try
        {
            if (!Codec.Of(type).IsGraph) return null;
        }
        catch (SerializationException e)
        {
            return e.Reason ?? e.Message.TrimEnd('.');
        }

        var surrogates = SurrogateTable.Of(context);
        if (surrogates?.TypeFor(type) is not null) return null;
        if (context.Admission.Refusal(type, part => surrogates?.TypeFor(part) is not null) is { } reason) return reason;
        return !type.IsAbstract && ObjectPlans.For(type) is RefusedPlan refused ? refused.Reason : null;
    }
}
