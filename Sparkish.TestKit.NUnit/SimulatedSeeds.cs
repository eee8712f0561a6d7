using Sparkish.Simulation;

namespace Sparkish.TestKit.NUnit;

/// <summary>Runs the seeds of a simulation as one NUnit test.</summary>
public static class SimulatedSeeds
{
    /// <summary>
    /// Runs a body for many seeds on all cores, or for the one in <c>SPARKISH_SEED</c>. A failure names the seed and the command that repeats it with the
    /// calling test alone.
    /// </summary>
    /// <inheritdoc cref="SimulatedCluster.ForSeeds"/>
    public static void Run(int count, Action<SimulatedCluster> body, SimulationOptions? options = null) =>
        SimulatedCluster.ForSeeds(
            count, body, options, $"FullyQualifiedName={TestContext.CurrentContext.Test.ClassName}.{TestContext.CurrentContext.Test.MethodName}");
}
