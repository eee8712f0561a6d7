namespace Sparkish.Serialization.Graphs;

/// <summary>
/// Chooses and creates plans. The implementation knows all plans, which in turn request the plans of their parts. They depend only on this class, and the
/// implementation registers itself when the assembly is loaded.
/// </summary>
internal abstract class PlanSource
{
    private static PlanSource? _current;

    public static PlanSource Current => _current ?? throw new InvalidOperationException("No source of plans is in use.");

    public abstract ObjectPlan Make(Type type);

    protected static void Use(PlanSource source) => _current = source;
}
