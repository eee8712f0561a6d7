namespace Sparkish.Serialization.Graphs;

/// <summary>
/// Chooses and makes plans. The choice knows all plans, which themselves ask for the plans of their parts: they know this class alone, and the one
/// implementation names itself when the assembly is loaded.
/// </summary>
internal abstract class PlanSource
{
    private static PlanSource? _current;

    public static PlanSource Current => _current ?? throw new InvalidOperationException("No source of plans is in use.");

    public abstract ObjectPlan Make(Type type);

    protected static void Use(PlanSource source) => _current = source;
}
