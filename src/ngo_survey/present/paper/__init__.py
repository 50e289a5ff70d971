"""What PDF and Word share: what opens in the page stands in appendices on paper."""
