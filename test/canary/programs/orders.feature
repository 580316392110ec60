Feature: Orders
  Scenario: an empty basket
    Given a basket
    Then it is empty
  Scenario: a full basket
    Given a basket
    Then it is full
